// A futex wait as the target of a link timeout, when the futex is woken in time.
#include <thread>

#include "harness/cases.h"

namespace ringspec {
namespace {

// With its first thread a process may get a place of its own for those who wait on its futexes.
void StartAThread() {
  std::thread([] {}).join();
}

RING_CASE(LinkTimeout, AFutexWaitThatIsWokenInTimeIsNotCanceled,
          .clause = "LINK-TIMEOUT-FUTEX-WAKE-01") {
  Ring ring;
  const Futex futex;
  ring.Submit(FutexWait(futex).Link().Tag(kTarget), LinkTimeout(20s));

  futex.Wake();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, 0),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce()));
}

RING_CASE(LinkTimeout, AFutexWaitThatIsOlderThanTheFirstThreadIsWokenToo,
          .clause = "LINK-TIMEOUT-FUTEX-WAKE-01", .memory = Memory::kOwn) {
  Ring ring;
  const Futex futex;
  ring.Submit(FutexWait(futex).Link().Tag(kTarget), LinkTimeout(20s));
  StartAThread();

  futex.Wake();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, 0),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce()));
}

RING_CASE(LinkTimeout, AVectoredFutexWaitThatIsOlderThanTheFirstThreadIsWokenToo,
          .clause = "LINK-TIMEOUT-FUTEX-WAKE-01", .memory = Memory::kOwn) {
  Ring ring;
  const Futex first, second;
  ring.Submit(FutexWaitV({&first, &second}).Link().Tag(kTarget), LinkTimeout(20s));
  StartAThread();

  second.Wake();

  EXPECT_THAT(ring.Reap(2), UnorderedElementsAre(Completes(kTarget, 1),
                                                 Completes(kLinkTimeout, -ECANCELED).AtOnce()));
}

}  // namespace
}  // namespace ringspec
