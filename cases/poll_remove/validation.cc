// Refused removals and updates of a poll: each alone, and the poll lives on.
#include "harness/cases.h"
#include "harness/fields.h"

namespace ringspec {
namespace {

constexpr std::uint32_t kKnownBits =
    IORING_POLL_ADD_MULTI | IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA;

// Submits them one by one to a ring with an armed poll, expects each to be refused, and that the
// poll is what it was.
void ExpectEachIsRefused(const std::vector<Request>& requests) {
  Ring ring;
  Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget));

  for (const Request& bad : requests) {
    ring.Submit(bad);
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(bad.tag, -EINVAL)));
  }

  pipe.Write();
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kTarget, POLLIN)));
}

RING_CASE(PollRemove, EachUnusedFieldIsRefused, .clause = "POLL-REMOVE-INVAL-01") {
  constexpr Field kEvents{{"events", 0xfa}, [](uapi::Sqe& sqe) { sqe.poll32_events = POLLIN; }};

  ExpectEachIsRefused(
      EachAlone(PollRemove(kTarget), {kIoprio, kBufIndex, kSpliceFdIn, kOff, kEvents}));
}

RING_CASE(PollRemove, TheNewestUnusedFieldsAreRefused, .clause = "POLL-REMOVE-INVAL-01") {
  ExpectEachIsRefused(EachAlone(PollRemove(kTarget), {kAddr3, kPad2}));
}

RING_CASE(PollRemove, EachUnknownFlagIsRefused, .clause = "POLL-REMOVE-INVAL-01") {
  ExpectEachIsRefused(EachBitAlone(PollRemove(kTarget).Tag(kRemove), ~kKnownBits, &uapi::Sqe::len));
}

RING_CASE(PollRemove, AnUpdateOfOneThingWithTheValueOfTheOtherIsRefused,
          .clause = "POLL-REMOVE-INVAL-01") {
  ExpectEachIsRefused({PollRemove(kTarget).UpdateEvents(POLLOUT).Tag(kUpdate).With(
                           [](uapi::Sqe& sqe) { sqe.off = kNext.value; }),
                       PollRemove(kTarget).UpdateUserData(kNext).Tag(kUpdate).With(
                           [](uapi::Sqe& sqe) { sqe.poll32_events = POLLOUT; })});
}

RING_CASE(PollRemove, MultishotWithoutAnUpdateIsRefused, .clause = "POLL-REMOVE-MULTI-01") {
  ExpectEachIsRefused({PollRemove(kTarget).Tag(kRemove).With(
      [](uapi::Sqe& sqe) { sqe.len = IORING_POLL_ADD_MULTI; })});
}

}  // namespace
}  // namespace ringspec
