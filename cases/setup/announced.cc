// What a kernel says it can do, against what it does.
#include "harness/cases.h"

namespace ringspec {
namespace {

// Records whether what is announced and what is done are the same, under the feature's name.
void ExpectAgreement(const char* name, bool announced, bool done) {
  Record(name, announced == done ? "agrees" : announced ? "announced only" : "done only");
  EXPECT_EQ(announced, done) << name << ": announced and done differ";
}

// What is not accepted is refused with -EINVAL.
bool Accepts(Ring& ring, const Wait& wait) {
  const Completion returned = EnterAndWait(ring, wait);
  EXPECT_THAT(returned, AnyOf(Returns(-ETIME), Returns(-EINVAL)));
  return returned.res == -ETIME;
}

RING_CASE(SetupAnnounced, FeatureBitsSayWhatIsDone, .clause = "SETUP-FEAT-01") {
  Ring ring;
  const unsigned features = ring.features();

  ExpectAgreement("EXT_ARG", features & IORING_FEAT_EXT_ARG, Accepts(ring, Wait(1).For(1ms)));
  ExpectAgreement("MIN_TIMEOUT", features & IORING_FEAT_MIN_TIMEOUT,
                  Accepts(ring, Wait(1).For(1ms).AtLeast(1ms)));
  ExpectAgreement("NO_IOWAIT", features & IORING_FEAT_NO_IOWAIT,
                  Accepts(ring, Wait(1).For(1ms).Flags(IORING_ENTER_NO_IOWAIT)));
  ring.Submit(Cancel(kNobody).SkipSuccess().Tag(kCancel));
  const std::vector<Completion> refused = ring.Reap(1);
  ExpectAgreement("CQE_SKIP", features & IORING_FEAT_CQE_SKIP, refused[0].res == -ENOENT);
}

RING_CASE(SetupAnnounced, TheProbeKnowsWhatIsRefused, .clause = "SETUP-PROBE-01") {
  // Each request is valid in itself and ends at once.
  const struct {
    const char* name;
    Request request;
    CompletionMatcher end;
  } kControls[] = {
      {"TIMEOUT", Timeout(0s).Tag(kProbe), Completes(kProbe, -ETIME).AtOnce()},
      {"TIMEOUT_REMOVE", TimeoutRemove(kNobody).Tag(kProbe), Completes(kProbe, -ENOENT)},
      {"ASYNC_CANCEL", Cancel(kNobody).Tag(kProbe), Completes(kProbe, -ENOENT)},
      {"POLL_REMOVE", PollRemove(kNobody).Tag(kProbe), Completes(kProbe, -ENOENT)},
  };
  Ring ring;
  io_uring_probe* probe = io_uring_get_probe_ring(ring.raw());

  for (const auto& control : kControls) {
    ring.Submit(control.request);
    ExpectAgreement(control.name, io_uring_opcode_supported(probe, control.request.sqe.opcode) != 0,
                    testing::Value(ring.Reap(1), ElementsAre(control.end)));
  }
  // The last opcode that 8 bits can name is none, now and for a long time.
  ring.Submit(Nop().Tag(kProbe).With([](uapi::Sqe& sqe) { sqe.opcode = 255; }));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kProbe, -EINVAL)));
  io_uring_free_probe(probe);
}

}  // namespace
}  // namespace ringspec
