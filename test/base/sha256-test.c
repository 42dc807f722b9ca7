/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

#include "base/sha256.h"
#include "test/check.h"

static int matches(const uint8_t digest[SHA256_SIZE], const char *hex)
{
    char text[2 * SHA256_SIZE + 1];
    for (size_t i = 0; i < SHA256_SIZE; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return strcmp(text, hex) == 0;
}

/* The examples of FIPS 180-4 and NIST's short-message vectors. */
static void test_vectors(void)
{
    static const struct {
        const char *message;
        size_t size;
        const char *digest;
    } vectors[] = {
        {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"\xd3", 1, "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
        {"abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrl"
         "mnopqrsmnopqrstnopqrstu",
         112, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t digest[SHA256_SIZE];
        sha256_of(vectors[i].message, vectors[i].size, digest);
        CHECK(matches(digest, vectors[i].digest));
    }
}

static void test_million(void)
{
    static uint8_t chunk[1000];
    memset(chunk, 'a', sizeof chunk);
    struct sha256 s;
    sha256_init(&s);
    for (int i = 0; i < 1000; i++)
        sha256_update(&s, chunk, sizeof chunk);
    uint8_t digest[SHA256_SIZE];
    sha256_final(&s, digest);
    CHECK(matches(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

/* Every way to cut a message in two gives the digest of the whole. */
static void test_pieces(void)
{
    uint8_t message[200], whole[SHA256_SIZE], pieces[SHA256_SIZE];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 7 + 3);
    for (size_t size = 0; size <= sizeof message; size++) {
        sha256_of(message, size, whole);
        for (size_t cut = 0; cut <= size; cut += 1 + size / 16) {
            struct sha256 s;
            sha256_init(&s);
            sha256_update(&s, message, cut);
            sha256_update(&s, message + cut, size - cut);
            sha256_final(&s, pieces);
            CHECK(memcmp(whole, pieces, SHA256_SIZE) == 0);
        }
    }
}

/* What this processor runs and what runs everywhere agree. */
static void test_variants(void)
{
    sha256_blocks_fn *cpu = sha256_cpu_blocks();
    printf("processor's own instructions: %s\n", cpu != NULL ? "used" : "none");
    if (cpu == NULL)
        return;
    static uint8_t blocks[64 * SHA256_BLOCK];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof blocks; i++) {
        seed = seed * 1664525u + 1013904223u;
        blocks[i] = (uint8_t)(seed >> 24);
    }
    for (size_t n = 0; n <= 64; n++) {
        uint32_t a[8], b[8];
        for (uint32_t i = 0; i < 8; i++)
            a[i] = b[i] = 0x9e3779b9u * (i + 1) + (uint32_t)n;
        cpu(a, blocks, n);
        sha256_blocks_generic(b, blocks, n);
        CHECK(memcmp(a, b, sizeof a) == 0);
    }
}

int main(void)
{
    test_vectors();
    test_million();
    test_pieces();
    test_variants();
    return check_report("sha256");
}
