// Every invariant goes red when it is broken, on a real ring with a fault in between; and what
// the case itself expects goes red with it.
#include "harness/tests/observed.h"

namespace ringspec {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A poll, canceled: the body of every test here.
void CanceledPoll() {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));
  ring.Submit(Cancel(kTarget).Tag(kCancel));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED)));
}

void Drop(std::vector<RawCqe>& cqes, std::size_t index) { cqes.erase(cqes.begin() + index); }
void Duplicate(std::vector<RawCqe>& cqes, std::size_t index) { cqes.push_back(cqes[index]); }

TEST(Invariants, HoldOnAnUnbrokenRing) {
  const Observed observed = Observe(CanceledPoll);

  EXPECT_THAT(observed.members,
              StartsWith(R"("holds":true,"outcome":"cancel=0; target=-ECANCELED")"));
  EXPECT_THAT(observed.members, HasSubstr(R"("violations":[])"));
}

TEST(Invariants, ADroppedCompletionIsNone) {
  ArrivalFault fault(kTarget, Drop);
  const Observed observed = Observe(CanceledPoll, &fault);

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr("cancel=0; target=none"));
  EXPECT_THAT(observed.failures, HasSubstr("{ {cancel: 0}, {target: none} }"));
}

TEST(Invariants, ADuplicatedCompletionBreaksOneFinalCqe) {
  ArrivalFault fault(kTarget, Duplicate);
  const Observed observed = Observe(CanceledPoll, &fault);

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr("one_final_cqe"));
  EXPECT_THAT(observed.members, HasSubstr("cancel=0; target=-ECANCELED x2"));
}

TEST(Invariants, MoreAfterTheFinalOneBreaksNoneAfterFinal) {
  ArrivalFault fault(kTarget, [](std::vector<RawCqe>& cqes, std::size_t index) {
    cqes.push_back(cqes[index]);
    cqes.back().flags |= IORING_CQE_F_MORE;
  });

  EXPECT_THAT(Observe(CanceledPoll, &fault).members, HasSubstr("none_after_final"));
}

TEST(Invariants, AForeignUserDataBreaksUnknownUserData) {
  ArrivalFault fault(
      kTarget, [](std::vector<RawCqe>& cqes, std::size_t index) { cqes[index].user_data ^= 1; });
  const Observed observed = Observe(CanceledPoll, &fault);

  EXPECT_THAT(observed.members, HasSubstr("unknown_user_data"));
  EXPECT_THAT(observed.members, HasSubstr("target=pending; unknown=-ECANCELED"));
}

TEST(Invariants, ARestartCodeBreaksRestartErrno) {
  for (const int code : {-512, -513, -514, -516, -530}) {
    static int injected;
    injected = code;
    ArrivalFault fault(
        kTarget, [](std::vector<RawCqe>& cqes, std::size_t index) { cqes[index].res = injected; });

    EXPECT_THAT(Observe(CanceledPoll, &fault).members, HasSubstr("restart_errno")) << code;
  }
}

TEST(Invariants, ALateCompletionNobodyExpectsFails) {
  const Observed observed = Observe([] {
    Ring ring;
    ring.Submit(Nop().Tag(kTarget), Nop().Tag(kBystander));
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, 0)));
  });

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.failures,
              HasSubstr("a completion that the case does not expect: {bystander: 0}"));
}

TEST(Invariants, RequestsStillOpenArePendingAndNoViolation) {
  const Observed observed = Observe([] {
    Ring ring;
    ring.Submit(Timeout(20s).Tag(kTimeout));
  });

  EXPECT_TRUE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr(R"("outcome":"timeout=pending")"));
}

TEST(Invariants, AWrongResultFailsTheCase) {
  ArrivalFault fault(
      kCancel, [](std::vector<RawCqe>& cqes, std::size_t index) { cqes[index].res = -EALREADY; });
  const Observed observed = Observe(CanceledPoll, &fault);

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr("cancel=-EALREADY; target=-ECANCELED"));
}

TEST(Invariants, TheWrongTargetFailsTheCase) {
  class WrongTarget : public FaultLayer {
    void OnSubmit(std::vector<Request>& batch) override {
      for (Request& request : batch) {
        if (request.sqe.opcode == IORING_OP_ASYNC_CANCEL) request.sqe.addr = kBystander.value;
      }
    }
  } fault;
  const Observed observed = Observe(
      [] {
        Ring ring;
        Pipe pipe;
        ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget),
                    PollAdd(pipe.read_end()).Tag(kBystander));
        ring.Submit(Cancel(kTarget).Tag(kCancel));
        pipe.Write();
        EXPECT_THAT(ring.Reap(3),
                    UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED),
                                         Completes(kBystander, POLLIN)));
      },
      &fault);

  EXPECT_FALSE(observed.holds());
  EXPECT_THAT(observed.members, HasSubstr("bystander=-ECANCELED; cancel=0; target=1"));
}

}  // namespace
}  // namespace ringspec
