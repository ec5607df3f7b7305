// Targets that wait for another write to the same file.
#include <fcntl.h>

#include "harness/cases.h"

namespace ringspec {
namespace {

// The writes queue up behind an open that occupies the only worker, which then picks them up
// together and is held in the first one.  `first` and `second` are those behind it; of these one
// target is removed and `other` is written.
void ExpectToBeRemovedFromAmong(const Tag& first, const Tag& second, const Tag& other) {
  const TempDirectory directory;
  const Descriptor file(
      Must("open", open(directory.Path("file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
  const std::string fifo = directory.Fifo();
  const StuckPage page;
  Ring ring;
  LimitToOneWorker(ring);
  ring.Submit(OpenAt(fifo, O_RDONLY).Async().Tag(kBlocker));
  ASSERT_TRUE(WorkersAreBlocked(1));
  ring.Submit(
      Write(file.get()).With([&](uapi::Sqe& sqe) { sqe.addr = page.address(); }).Async().Tag(kHead),
      Write(file.get()).Async().Tag(first), Write(file.get()).Async().Tag(second));
  const Descriptor peer(Must("open", open(fifo.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)));
  ASSERT_TRUE(page.SomebodyIsStuck());

  ring.Submit(Cancel(kTarget).Tag(kCancel));
  page.Release();

  EXPECT_THAT(ring.Reap(5), UnorderedElementsAre(Completes(kBlocker, Gt(0)),
                                                 Completes(kCancel, AnyOf(0, -EALREADY)),
                                                 Completes(kTarget, -ECANCELED),
                                                 Completes(kHead, 1), Completes(other, 1)));
}

RING_CASE(AsyncCancelHashed, AWriteThatAWorkerHasPickedUpIsRemoved,
          .clause = "CANCEL-IOWQ-HASHED-01") {
  ExpectToBeRemovedFromAmong(kTarget, kBystander, kBystander);
}

RING_CASE(AsyncCancelHashed, TheLastThatAWorkerHasPickedUpIsRemoved,
          .clause = "CANCEL-IOWQ-HASHED-01") {
  ExpectToBeRemovedFromAmong(kBystander, kTarget, kBystander);
}

RING_CASE(AsyncCancelHashed, OneOfTwoThatAWorkerHasPickedUpIsRemoved,
          .clause = "CANCEL-IOWQ-HASHED-01") {
  ExpectToBeRemovedFromAmong(kTarget, kTarget, kTarget);
}

}  // namespace
}  // namespace ringspec
