// What one case did and saw: the one place that knows every request and every completion, and
// from which the outcome is written and the invariants are checked.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/completion.h"
#include "harness/report.h"
#include "harness/request.h"

namespace ringspec {

class Recorder {
 public:
  // `report` takes the trace; it outlives the recorder.
  explicit Recorder(Report& report);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // The recorder of the case that is running.
  static Recorder& Current();

  // The number under which a new ring appears in the trace.
  int AddRing();

  void Submitted(int ring, const Request& request, TimePoint when);
  // Attributes the CQE to the oldest open request of its tag.
  Completion Arrived(int ring, const RawCqe& cqe);
  // From here on the open requests of this tag may complete under the other one as well.
  void MayBecome(int ring, const Tag& tag, const Tag& other);
  // What a call other than a submission returned: one more result in the outcome.
  void Returned(const Completion& returned);
  // Reap waited in vain: one absent completion for each request that is still open.
  std::vector<Completion> GaveUp(int ring);

  // One more part of the outcome, "name=value": what a call returned, or what had arrived when.
  void Part(const std::string& name, const std::string& value);
  // One draw of a race.  The outcome becomes "permitted" if every draw was.
  void Drawn(const std::string& name, bool permitted);
  void Violation(const std::string& invariant, const std::string& message);
  void Note(const std::string& text);

  // "cancel=3; target=-ECANCELED x3": sorted by tag, requests that are still open as "pending".
  std::string Outcome() const;
  const std::map<std::string, int>& drawn() const { return drawn_; }
  const std::map<std::string, std::string>& violations() const { return violations_; }

 private:
  struct Tracked {
    int ring;
    Tag tag;
    TimePoint submitted;
    bool may_be_silent;  // CQE_SKIP_SUCCESS
    bool makes_a_file;   // its result is a descriptor, whose number means nothing
    bool waited_in_vain = false;
    bool final = false;
    std::vector<Completion> completions;
    std::optional<Tag> other;  // what an update of its user_data makes of it

    const char* NameUnder(std::uint64_t user_data) const;
  };

  Tracked* Find(int ring, std::uint64_t user_data, bool final);

  mutable std::mutex mutex_;
  Report& report_;
  int rings_ = 0;
  std::vector<Tracked> requests_;
  std::vector<Completion> strays_;
  std::vector<Completion> calls_;
  std::map<std::string, std::string> parts_;
  std::map<std::string, int> drawn_;
  bool forbidden_ = false;
  std::map<std::string, std::string> violations_;
};

// Outcome parts and trace notes from a case: Record("at_return", "cancel,target").
inline void Record(const std::string& name, const std::string& value) {
  Recorder::Current().Part(name, value);
}

}  // namespace ringspec
