// LINK_TIMEOUT_UPDATE: a new time for a link timeout that is armed.
#include "harness/cases.h"
#include "harness/time_namespace.h"

namespace ringspec {
namespace {

constexpr Tag kOtherTarget{"other_target", 0xe1};
constexpr Tag kOtherTimeout{"other_timeout", 0xe2};

RING_CASE(LinkTimeoutUpdate, TheNewIntervalBeginsWithTheUpdate, .clause = "LTUPD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s));

  const Request update = TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate);
  const TimePoint due = Now() + 50ms;
  ring.Submit(update);

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due)));
}

RING_CASE(LinkTimeoutUpdate, TheNewTimeMayBeLater, .clause = "LTUPD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(1s));

  ring.Submit(TimeoutUpdate(kLinkTimeout, 1300ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, 0).AtOnce()));
  for (int i = 0; i < 3; ++i) {  // In steps: Reap has no patience for all of it.
    ring.Submit(Timeout(350ms).Tag(kBystander));
    EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kBystander, -ETIME).After(350ms)));
  }
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(1300ms),
                                                 Completes(kLinkTimeout, -ETIME).After(1300ms)));
}

RING_CASE(LinkTimeoutUpdate, OtherTimeoutsKeepTheirs, .clause = "LTUPD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kOtherTarget).Link(),
              LinkTimeout(150ms).Tag(kOtherTimeout));
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s));
  ring.Submit(Timeout(200ms).Tag(kBystander));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(6), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due),
                                                 Completes(kOtherTarget, -ECANCELED).After(150ms),
                                                 Completes(kOtherTimeout, -ETIME).After(150ms),
                                                 Completes(kBystander, -ETIME).After(200ms)));
}

RING_CASE(LinkTimeoutUpdate, ItMayBeRepeated, .clause = "LTUPD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(100ms));
  ring.Submit(TimeoutUpdate(kLinkTimeout, 20s).OfLinkTimeout().Tag(kUpdate),
              Timeout(150ms).Tag(kBystander));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kBystander, -ETIME).After(150ms)));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due)));
}

RING_CASE(LinkTimeoutUpdate, OneThatPostsNothingIsFoundToo, .clause = "LTUPD-SKIP-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s).SkipSuccess());

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).DueAt(due)));
}

RING_CASE(LinkTimeoutUpdate, AnOlderOneIsFoundToo, .clause = "LTUPD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s));
  ring.Submit(PollAdd(pipe.read_end()).Tag(kOtherTarget).Link(),
              LinkTimeout(150ms).Tag(kOtherTimeout));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(5), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due),
                                                 Completes(kOtherTarget, -ECANCELED).After(150ms),
                                                 Completes(kOtherTimeout, -ETIME).After(150ms)));
}

RING_CASE(LinkTimeoutUpdate, AllSixtyFourBitsOfTheUserDataCount, .clause = "LTUPD-01") {
  constexpr Tag kOtherLow{"other", kLinkTimeout.value ^ 1};
  constexpr Tag kOtherHigh{"other", kLinkTimeout.value ^ std::uint64_t{1} << 63};
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(150ms));

  ring.Submit(TimeoutUpdate(kOtherLow, 50ms).OfLinkTimeout().Tag(kUpdate),
              TimeoutUpdate(kOtherHigh, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(4), UnorderedElementsAre(Completes(kUpdate, -ENOENT).AtOnce(),
                                                 Completes(kUpdate, -ENOENT).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).After(150ms),
                                                 Completes(kLinkTimeout, -ETIME).After(150ms)));
}

RING_CASE(LinkTimeoutUpdate, AnOrdinaryUpdateDoesNotFindALinkTimeout, .clause = "LTUPD-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(150ms));

  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kUpdate, -ENOENT).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).After(150ms),
                                                 Completes(kLinkTimeout, -ETIME).After(150ms)));
}

RING_CASE(LinkTimeoutUpdate, ItDoesNotFindAnOrdinaryTimeout, .clause = "LTUPD-03") {
  Ring ring;
  ring.Submit(Timeout(150ms).Tag(kTimeout));

  ring.Submit(TimeoutUpdate(kTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kUpdate, -ENOENT).AtOnce(),
                                                 Completes(kTimeout, -ETIME).After(150ms)));
}

RING_CASE(LinkTimeoutUpdate, ItDoesNotFindOneWhoseTargetHasNotStarted, .clause = "LTUPD-04") {
  Ring ring;
  const Pipe pipe, idle;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kHead).Link(),
              PollAdd(idle.read_end()).Tag(kTarget).Link(), LinkTimeout(150ms));
  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, -ENOENT)));

  const TimePoint ready = Now();
  pipe.Write();

  EXPECT_THAT(ring.Reap(3),
              UnorderedElementsAre(Completes(kHead, POLLIN).DueAt(ready),
                                   Completes(kTarget, -ECANCELED).DueAt(ready + 150ms),
                                   Completes(kLinkTimeout, -ETIME).DueAt(ready + 150ms)));
}

// Updates to this point in time, and expects the expiry when it is `due` on the monotonic clock.
void ExpectUpdateTo(const LinkTimeout& timeout, TimePoint value, TimePoint due) {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), timeout);

  ring.Submit(TimeoutUpdate(kLinkTimeout, value).Abs().OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due)));
}

RING_CASE(LinkTimeoutUpdate, ItMayBeAPointInTime, .clause = "LTUPD-05") {
  const TimePoint due = Now() + 50ms;

  ExpectUpdateTo(LinkTimeout(20s), due, due);
}

RING_CASE(LinkTimeoutUpdate, ThePointInTimeIsOnTheTimeoutsOwnClock, .clause = "LTUPD-05") {
  const TimePoint due = Now() + 50ms;

  ExpectUpdateTo(LinkTimeout(20s).Realtime(), Now(CLOCK_REALTIME) + 50ms, due);
}

RING_CASE(LinkTimeoutUpdate, ThePointInTimeIsThatOfTheTimeNamespace, .clause = "LTUPD-05",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(1000s, 5000s);
  const TimePoint due = Now() + 50ms;

  ExpectUpdateTo(LinkTimeout(20s), due, due);
}

RING_CASE(LinkTimeoutUpdate, ThePointInBoottimeIsThatOfTheTimeNamespace, .clause = "LTUPD-05",
          .memory = Memory::kOwn) {
  EnterTimeNamespace(1000s, 5000s);
  const TimePoint due = Now() + 50ms;

  ExpectUpdateTo(LinkTimeout(20s).Boottime(), Now(CLOCK_BOOTTIME) + 50ms, due);
}

RING_CASE(LinkTimeoutUpdate, AfterTheExpiryThereIsNothingToUpdate, .clause = "LTUPD-06") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms));
  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms)));

  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, AnyOf(-ENOENT, -EALREADY))));
}

RING_CASE(LinkTimeoutUpdate, AfterTheTargetHasCompletedThereIsNothingToUpdate,
          .clause = "LTUPD-06") {
  Ring ring;
  ring.Submit(Nop().Tag(kTarget).Link(), LinkTimeout(20s));
  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, 0), Completes(kLinkTimeout, -ECANCELED)));

  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kUpdate, AnyOf(-ENOENT, -EALREADY))));
}

RING_CASE(LinkTimeoutUpdate, AVainOneLeavesNoTrace, .clause = "LTUPD-01") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s));
  ring.Submit(TimeoutUpdate(kNobody, 50ms).OfLinkTimeout().Tag(kRemove));
  EXPECT_THAT(ring.Reap(1), ElementsAre(Completes(kRemove, -ENOENT)));

  const TimePoint due = Now() + 50ms;
  ring.Submit(TimeoutUpdate(kLinkTimeout, 50ms).OfLinkTimeout().Tag(kUpdate));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kUpdate, 0).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).DueAt(due),
                                                 Completes(kLinkTimeout, -ETIME).DueAt(due)));
}

}  // namespace
}  // namespace ringspec
