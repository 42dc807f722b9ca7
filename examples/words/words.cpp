/* SPDX-License-Identifier: Apache-2.0 */
// The most frequent words of standard input; C++ without exceptions.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_map>
#include <vector>

using entry = std::pair<std::string, unsigned long>;

static std::vector<entry> count_words(std::FILE *in)
{
    std::unordered_map<std::string, unsigned long> seen;
    std::string word;
    for (int ch; (ch = std::getc(in)) != EOF;) {
        if (std::isalpha(ch)) {
            word += static_cast<char>(std::tolower(ch));
        } else if (!word.empty()) {
            seen[word]++;
            word.clear();
        }
    }
    if (!word.empty())
        seen[word]++;
    return {seen.begin(), seen.end()};
}

int main(int argc, char **argv)
{
    std::size_t want = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10;
    auto words = count_words(stdin);
    std::sort(words.begin(), words.end(), [](const entry &a, const entry &b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    for (std::size_t i = 0; i < want && i < words.size(); i++)
        std::printf("%7lu %s\n", words[i].second, words[i].first.c_str());
    return 0;
}
