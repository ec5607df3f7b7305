#include "harness/guest/stream.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace ringspec {
namespace {

TEST(JsonQuote, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(JsonQuote("a \"b\" \\ \n\t\x01\x7f"), R"("a \"b\" \\ \n\t\u0001\u007f")");
}

TEST(JsonQuote, KeepsWellFormedUtf8) {
  EXPECT_EQ(JsonQuote("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7"),
            "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7\"");
}

TEST(JsonQuote, ReplacesEachByteThatIsNoUtf8) {
  EXPECT_EQ(JsonQuote("\xff"), R"("\ufffd")");
  EXPECT_EQ(JsonQuote("\xc3"), R"("\ufffd")");                                // cut off
  EXPECT_EQ(JsonQuote("\xc0\xaf"), R"("\ufffd\ufffd")");                      // overlong
  EXPECT_EQ(JsonQuote("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");            // surrogate
  EXPECT_EQ(JsonQuote("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");  // > U+10FFFF
}

TEST(JsonQuote, CutsATextThatIsTooLong) {
  EXPECT_EQ(JsonQuote("0123456789", 6), R"("01234...[cut]")");
  EXPECT_LT(JsonQuote(std::string(1 << 20, 'x')).size(), kLongestText + 16);
}

TEST(JsonObject, IsBuiltFromLeftToRight) {
  EXPECT_EQ(JsonLine("end")
                .Number("id", -17)
                .Flag("holds", true)
                .Json("trace", "[]")
                .Members(R"("a":1,"b":2)")
                .Finish(),
            R"({"event":"end","id":-17,"holds":true,"trace":[],"a":1,"b":2})");
}

TEST(EventStream, WritesOneLineForEachObject) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);

  EXPECT_TRUE(EventStream(ends[1]).Write(JsonLine("ready")));

  std::array<char, 64> text{};
  EXPECT_EQ(read(ends[0], text.data(), text.size()), 18);
  EXPECT_STREQ(text.data(), "{\"event\":\"ready\"}\n");
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace ringspec
