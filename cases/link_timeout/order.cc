// The order of the completions: that of the chain, says io_uring_linked_requests(7).
#include "harness/cases.h"

namespace ringspec {
namespace {

// "target,link_timeout": in the order of arrival.
std::string OrderOf(const std::vector<Completion>& completions) {
  std::string order;
  for (const Completion& one : completions) {
    if (one.came) order += (order.empty() ? "" : ",") + one.tag;
  }
  return order;
}

RING_CASE(LinkTimeoutOrder, TheCanceledTargetComesBeforeItsTimeout,
          .clause = "LINK-TIMEOUT-FIRE-02") {
  Ring ring;
  const Pipe pipe;

  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(50ms));

  const std::vector<Completion> completions = ring.Reap(2);
  Record("order", OrderOf(completions));
  EXPECT_THAT(completions,
              ElementsAre(Completes(kTarget, -ECANCELED), Completes(kLinkTimeout, -ETIME)));
}

RING_CASE(LinkTimeoutOrder, TheCompletedTargetComesBeforeItsTimeout,
          .clause = "LINK-TIMEOUT-FIRE-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s));

  pipe.Write();

  const std::vector<Completion> completions = ring.Reap(2);
  Record("order", OrderOf(completions));
  EXPECT_THAT(completions,
              ElementsAre(Completes(kTarget, POLLIN), Completes(kLinkTimeout, -ECANCELED)));
}

RING_CASE(LinkTimeoutOrder, ADisarmedTimeoutComesBeforeTheNextRequest,
          .clause = "LINK-TIMEOUT-FIRE-02") {
  Ring ring;
  const Pipe pipe;
  ring.Submit(PollAdd(pipe.read_end()).Tag(kTarget).Link(), LinkTimeout(20s).Link(),
              Nop().Tag(kNext));

  pipe.Write();

  const std::vector<Completion> completions = ring.Reap(3);
  Record("order", OrderOf(completions));
  EXPECT_THAT(completions, ElementsAre(Completes(kTarget, POLLIN),
                                       Completes(kLinkTimeout, -ECANCELED), Completes(kNext, 0)));
}

}  // namespace
}  // namespace ringspec
