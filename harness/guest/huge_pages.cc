#include "harness/guest/huge_pages.h"

#include <elf.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

namespace ringspec {
namespace {

constexpr std::uintptr_t kHuge = 2 << 20;

std::uintptr_t RoundUp(std::uintptr_t value) { return (value + kHuge - 1) & ~(kHuge - 1); }

// Where the program's code is: a static program has the addresses that it was linked for.
const Elf64_Phdr* CodeSegment() {
  const auto* header = reinterpret_cast<const Elf64_Phdr*>(getauxval(AT_PHDR));
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); ++i) {
    if (header[i].p_type == PT_LOAD && (header[i].p_flags & PF_X) != 0) return &header[i];
  }
  return nullptr;
}

// Asks for huge pages while it lives.  A kernel with less than 512 MiB of memory does without them
// unless it is told (mm/huge_memory.c, hugepage_init); cases find it as it was.
class HugePagesWanted {
 public:
  HugePagesWanted() {
    std::getline(std::ifstream(kEnabled), before_);  // "always madvise [never]"
    before_ = before_.substr(before_.find('[') + 1);
    before_ = before_.substr(0, before_.find(']'));
    Write("madvise");
  }
  ~HugePagesWanted() { Write(before_); }

  bool granted() const { return !before_.empty(); }

 private:
  static constexpr char kEnabled[] = "/sys/kernel/mm/transparent_hugepage/enabled";

  static void Write(const std::string& word) { std::ofstream(kEnabled) << word; }

  std::string before_;
};

}  // namespace

void MoveProgramToHugePages() {
  const Elf64_Phdr* code = CodeSegment();
  if (code == nullptr || code->p_vaddr % kHuge != 0 || code->p_align < kHuge) return;
  const HugePagesWanted wanted;
  if (!wanted.granted()) return;
  const std::uintptr_t size = RoundUp(code->p_memsz);

  void* reserved = mmap(nullptr, size + kHuge, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return;
  auto* const copy = reinterpret_cast<void*>(RoundUp(reinterpret_cast<std::uintptr_t>(reserved)));
  auto* const home = reinterpret_cast<void*>(code->p_vaddr);
  if (madvise(copy, size, MADV_HUGEPAGE) != 0) return;
  std::memcpy(copy, home, code->p_memsz);
  if (mprotect(copy, size, PROT_READ | PROT_EXEC) != 0) return;
  // When this returns it does so into the copy.
  mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, home);
}

}  // namespace ringspec
