// Every combination of keys over generated populations of requests, against the reference model.
// The trace and every failure name the seed; `--seed` repeats it.
#include "cases/async_cancel/key_model.h"
#include "harness/cases.h"

namespace ringspec {
namespace {

using key_model::Key;
using key_model::Kind;
using key_model::Target;

constexpr Tag kUsers[] = {{"user0", 0x1000'0001'0000'0101},
                          {"user1", 0x2000'0002'0000'0101},
                          {"user2", 0x1000'0001'0000'0202}};
constexpr Tag kRemoves[] = {{"remove0", 0x3000'0003'0000'0301},
                            {"remove1", 0x3000'0003'0000'0302},
                            {"remove2", 0x3000'0003'0000'0303}};

// How a spared poll ends tells on which file it was.
constexpr unsigned kPollEvents[key_model::kPolledFiles] = {POLLIN, POLLRDNORM, POLLIN | POLLRDNORM};

// And how much a spared read gets, which one it was.
int ReadLength(int index) { return 10 + index; }

using Matcher = testing::Matcher<std::vector<Completion>>;

class Round {
 public:
  Round(Ring& ring, const std::vector<Pipe>& pipes, const std::vector<Target>& population)
      : ring_(ring), pipes_(pipes), population_(population) {}

  // Submits the population and the cancel, ends what was spared, returns everything that came.
  std::vector<Completion> Run(const Key& key) {
    std::vector<Request> batch;
    for (int i = 0; i < std::ssize(population_); ++i) batch.push_back(RequestOf(i));
    batch.push_back(CancelOf(key));
    ring_.SubmitBatch(std::move(batch));
    for (const Pipe& pipe : pipes_) pipe.Write(1024);
    std::vector<Request> removes;
    for (const Target& target : population_) {
      if (target.kind == Kind::kTimeout) {
        removes.push_back(TimeoutRemove(kUsers[target.user]).Tag(kRemoves[target.user]));
      }
    }
    const int expected = static_cast<int>(population_.size() + 1 + removes.size());
    ring_.SubmitBatch(std::move(removes));
    std::vector<Completion> completions = ring_.Reap(expected);
    for (const Pipe& pipe : pipes_) pipe.Drain();
    return completions;
  }

  // What the model permits: all that are selected, or any one of them.
  Matcher AsModelled(const Key& key) const {
    const std::vector<int> selected = key_model::Selected(key, population_);
    if (selected.empty()) {  // What ALL reports of nobody is another clause's matter.
      return Ends({}, key.all || key.any ? testing::Matcher<int>(AnyOf(0, -ENOENT)) : -ENOENT);
    }
    if (key.all) return Ends(selected, static_cast<int>(selected.size()));
    std::vector<Matcher> one;
    for (const int index : selected) one.push_back(Ends({index}, 0));
    return testing::AnyOfArray(one);
  }

 private:
  Request RequestOf(int index) const {
    const Target& target = population_[index];
    const Tag& tag = kUsers[target.user];
    if (target.kind == Kind::kTimeout) return Timeout(20s).Tag(tag);
    const bool fixed = target.file >= key_model::kFirstFixed;
    const int fd = fixed ? target.file - key_model::kFirstFixed : pipes_[target.file].read_end();
    Request request = target.kind == Kind::kPoll
                          ? Request(PollAdd(fd, kPollEvents[target.file]).Tag(tag))
                          : Request(Read(fd, ReadLength(index)).Tag(tag));
    if (fixed) request.sqe.flags |= IOSQE_FIXED_FILE;
    return request;
  }

  Request CancelOf(const Key& key) const {
    constexpr unsigned kOpcodes[] = {IORING_OP_POLL_ADD, IORING_OP_READ, IORING_OP_TIMEOUT,
                                     IORING_OP_RECV};
    Cancel cancel(kUsers[key.user]);
    if (key.file_key && key.file < key_model::kFirstFixed) cancel.Fd(pipes_[key.file].read_end());
    if (key.file_key && key.file >= key_model::kFirstFixed) {
      cancel.FixedFd(key.file - key_model::kFirstFixed);
    }
    if (key.opcode_key) cancel.Opcode(kOpcodes[static_cast<int>(key.kind)]);
    if (key.user_key) cancel.UserData(kUsers[key.user]);
    if (key.any) cancel.Any();
    if (key.all) cancel.All();
    return cancel.Tag(kCancel);
  }

  // Every completion of a round in which exactly these are canceled.
  Matcher Ends(const std::vector<int>& canceled, const testing::Matcher<int>& result) const {
    std::vector<CompletionMatcher> expected{Completes(kCancel, result)};
    for (int i = 0; i < std::ssize(population_); ++i) {
      const Target& target = population_[i];
      const bool spared = std::ranges::find(canceled, i) == canceled.end();
      const Tag& tag = kUsers[target.user];
      if (target.kind == Kind::kTimeout) {  // Its removal tells which of the two happened.
        expected.push_back(Completes(kRemoves[target.user], spared ? 0 : -ENOENT));
        expected.push_back(Completes(tag, -ECANCELED));
      } else if (!spared) {
        expected.push_back(Completes(tag, -ECANCELED));
      } else if (target.kind == Kind::kPoll) {
        expected.push_back(Completes(tag, static_cast<int>(kPollEvents[target.file])));
      } else {
        expected.push_back(Completes(tag, ReadLength(i)));
      }
    }
    return UnorderedElementsAreArray(expected);
  }

  Ring& ring_;
  const std::vector<Pipe>& pipes_;
  const std::vector<Target>& population_;
};

// One draw: the keys alone go into the outcome, so that it does not depend on the seed.
void Judge(const Key& key, const std::string& tried, const Matcher& modelled,
           const std::vector<Completion>& completions) {
  if (modelled.Matches(completions)) {
    Recorder::Current().Drawn("as_modelled", true);
    return;
  }
  const auto refused = [](const Completion& one) {
    return one.user_data == kCancel.value && one.res == -EINVAL;
  };
  Recorder::Current().Drawn("forbidden " + key_model::NameOf(key) +
                                (std::ranges::any_of(completions, refused) ? " refused" : ""),
                            false);
  ADD_FAILURE() << "seed " << CaseSeed() << ": " << tried
                << " ended otherwise than in the model: " << testing::PrintToString(completions);
}

RING_CASE(AsyncCancelKeys, EveryCombinationSelectsWhatTheModelDoes, .clause = "CANCEL-ALLKEYS-01") {
  constexpr int kRounds = 4;  // For each combination; every other one with arbitrary values.
  key_model::Random random(CaseSeed());
  Recorder::Current().Note("seed " + std::to_string(CaseSeed()));
  Ring ring;
  const std::vector<Pipe> pipes(key_model::kFiles);
  ring.RegisterFiles({pipes[2].read_end(), pipes[3].read_end()});

  for (const Key& combination : key_model::Combinations()) {
    for (int i = 0; i < kRounds; ++i) {
      const std::vector<Target> population = key_model::AnyPopulation(random);
      const Key key = i % 2 == 0 ? key_model::WithValuesOfOne(combination, population, random)
                                 : key_model::WithAnyValues(combination, random);
      const std::string tried = key_model::Describe(key) + " among " + Describe(population);
      Recorder::Current().Note(tried);
      Round round(ring, pipes, population);
      Judge(key, tried, round.AsModelled(key), round.Run(key));
    }
  }
}

}  // namespace
}  // namespace ringspec
