// Targets that do not wait for anybody: they are done, or about to be.
#include <fcntl.h>
#include <unistd.h>

#include "harness/cases.h"

namespace ringspec {
namespace {

// A regular file of one page.
class File {
 public:
  int fd() const { return fd_.get(); }

 private:
  static Descriptor Make(const TempDirectory& directory) {
    Descriptor fd(
        Must("open", open(directory.Path("file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)));
    Must("ftruncate", ftruncate(fd.get(), 4096));
    return fd;
  }

  TempDirectory directory_;
  Descriptor fd_ = Make(directory_);
};

// The target ends with its own result or was not started; a part of it is neither.
void ExpectWholeOrNothing(int whole, const std::function<Request()>& target) {
  const Race race{
      {"finished", UnorderedElementsAre(Completes(kCancel, -ENOENT), Completes(kTarget, whole))},
      {"running", UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(kTarget, whole))},
      {"picked up",
       UnorderedElementsAre(Completes(kCancel, -EALREADY), Completes(kTarget, -ECANCELED))},
      {"not started", UnorderedElementsAre(Completes(kCancel, 0), Completes(kTarget, -ECANCELED))}};
  Ring ring;
  for (int i = 0; i < kDraws && !testing::Test::HasFailure(); ++i) {
    ring.Submit(target());

    ring.Submit(Cancel(kTarget).Tag(kCancel));

    race.Draw(ring.Reap(2));
  }
}

// At offset 0: the file is not a stream.
void AtTheStart(uapi::Sqe& sqe) { sqe.off = 0; }

RING_CASE(AsyncCancelFile, ABufferedReadIsNotInterrupted, .clause = "CANCEL-FILEIO-01") {
  const File file;
  ExpectWholeOrNothing(4096,
                       [&] { return Read(file.fd(), 4096).With(AtTheStart).Async().Tag(kTarget); });
}

RING_CASE(AsyncCancelFile, ABufferedWriteIsNotInterrupted, .clause = "CANCEL-FILEIO-01") {
  const File file;
  ExpectWholeOrNothing(
      4096, [&] { return Write(file.fd(), 4096).With(AtTheStart).Async().Tag(kTarget); });
}

RING_CASE(AsyncCancelFile, AnFsyncIsNotInterrupted, .clause = "CANCEL-FSYNC-01") {
  const File file;
  ExpectWholeOrNothing(0, [&] { return Fsync(file.fd()).Tag(kTarget); });
}

RING_CASE(AsyncCancelFile, ANopIsDoneBeforeItCanBeCanceled, .clause = "CANCEL-MSGRING-01") {
  Ring ring;

  ring.Submit(Nop().Tag(kTarget), Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, 0), Completes(kCancel, -ENOENT)));
}

RING_CASE(AsyncCancelFile, AMessageIsSentBeforeItCanBeCanceled, .clause = "CANCEL-MSGRING-01") {
  Ring ring;
  Ring other;
  other.Expect(kEvent);

  ring.Submit(MsgRing(other.fd(), kEvent, 7).Tag(kTarget), Cancel(kTarget).Tag(kCancel));

  EXPECT_THAT(ring.Reap(2),
              UnorderedElementsAre(Completes(kTarget, 0), Completes(kCancel, -ENOENT)));
  EXPECT_THAT(other.Reap(1), ElementsAre(Completes(kEvent, 7)));
}

}  // namespace
}  // namespace ringspec
