// A guarded request inside a chain: what goes on behind it, and what does not.
#include "harness/cases.h"

namespace ringspec {
namespace {

RING_CASE(LinkTimeoutChain, AnExpiryCancelsTheRestOfASoftChain, .clause = "LINK-TIMEOUT-CHAIN-01") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).Link(),
              Nop().Tag(kNext).Link(), Nop().Tag(kLast));

  EXPECT_THAT(ring.Reap(4), UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ETIME).After(50ms),
                                                 Completes(kNext, -ECANCELED).After(50ms),
                                                 Completes(kLast, -ECANCELED).After(50ms)));
}

RING_CASE(LinkTimeoutChain, ADisarmedTimeoutLetsTheChainGoOn, .clause = "LINK-TIMEOUT-CHAIN-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s).Link(),
              Nop().Tag(kNext).Link(), Nop().Tag(kLast));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  const TimePoint ready = Now();
  pipe.Write();

  EXPECT_THAT(ring.Reap(4), UnorderedElementsAre(Completes(kTarget, POLLIN).DueAt(ready),
                                                 Completes(kLinkTimeout, -ECANCELED).DueAt(ready),
                                                 Completes(kNext, 0).DueAt(ready),
                                                 Completes(kLast, 0).DueAt(ready)));
}

RING_CASE(LinkTimeoutChain, ATargetThatCompletesAtOnceLetsTheChainGoOn,
          .clause = "LINK-TIMEOUT-CHAIN-02") {
  Ring ring;

  ring.Submit(Nop().Tag(kTarget).Link(), LinkTimeout(20s).Link(), Nop().Tag(kNext));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kTarget, 0).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce(),
                                                 Completes(kNext, 0).AtOnce()));
}

RING_CASE(LinkTimeoutChain, AHeadThatFailsAtOnceCancelsBoth, .clause = "LINK-TIMEOUT-CHAIN-03") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Cancel(kNobody).Tag(kHead).Link(), PollAdd(pipe.read_end()).Tag(kTarget).Link(),
              LinkTimeout(20s));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kHead, -ENOENT).AtOnce(),
                                                 Completes(kTarget, -ECANCELED).AtOnce(),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce()));
}

RING_CASE(LinkTimeoutChain, AHeadThatFailsLaterCancelsBoth, .clause = "LINK-TIMEOUT-CHAIN-03") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(Timeout(50ms).Tag(kHead).Link(), PollAdd(pipe.read_end()).Tag(kTarget).Link(),
              LinkTimeout(20s));

  EXPECT_THAT(ring.Reap(3), UnorderedElementsAre(Completes(kHead, -ETIME).After(50ms),
                                                 Completes(kTarget, -ECANCELED).After(50ms),
                                                 Completes(kLinkTimeout, -ECANCELED).After(50ms)));
}

constexpr Tag kSecond{"second", 0xe1};
constexpr Tag kSecondTimeout{"second_timeout", 0xe2};

RING_CASE(LinkTimeoutChain, EachGuardedRequestHasItsOwnTime, .clause = "LINK-TIMEOUT-CHAIN-04") {
  Ring ring;
  const Pipe pipe, idle;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s).Link(),
              PollAdd(idle.read_end()).Tag(kSecond).Link(), LinkTimeout(50ms).Tag(kSecondTimeout));
  EXPECT_THAT(ring.ReapUntilQuiet(), IsEmpty());

  const TimePoint ready = Now();
  pipe.Write();

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kTarget, POLLIN).DueAt(ready),
                                   Completes(kLinkTimeout, -ECANCELED).DueAt(ready),
                                   Completes(kSecond, -ECANCELED).DueAt(ready + 50ms),
                                   Completes(kSecondTimeout, -ETIME).DueAt(ready + 50ms)));
}

RING_CASE(LinkTimeoutChain, TheFirstExpiryCancelsTheSecondGuardedRequest,
          .clause = "LINK-TIMEOUT-CHAIN-04") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms).Link(),
              PollAdd(pipe.read_end()).Tag(kSecond).Link(), LinkTimeout(20s).Tag(kSecondTimeout));

  EXPECT_THAT(ring.Reap(4),
              UnorderedElementsAre(Completes(kTarget, -ECANCELED).After(50ms),
                                   Completes(kLinkTimeout, -ETIME).After(50ms),
                                   Completes(kSecond, -ECANCELED).After(50ms),
                                   Completes(kSecondTimeout, -ECANCELED).After(50ms)));
}

}  // namespace
}  // namespace ringspec
