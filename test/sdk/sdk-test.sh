#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The guest SDK and the examples: compiled with cloudskin-cc, run as cells, compared with the
# same programs compiled natively where that makes sense.
# usage: sdk-test.sh CLOUDSKIN SOURCE-DIR
set -u
cloudskin=$(readlink -f "$1")
top=$(readlink -f "$2")
cc=$top/build/bin/cloudskin-cc
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
if [ ! -x "$cc" ]; then
    echo "no guest SDK at build/bin/cloudskin-cc: make sdk"
    exit 77
fi

passed=0
failed=0
check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "failed: $what"
    fi
}
same() {
    cmp -s "$1" "$2" || {
        diff "$1" "$2" | head -n 5
        return 1
    }
}
guest() { "$cc" -Wall -Wextra -Werror "$@"; }
cell() { "$cloudskin" run --dir .::. "$@"; }
text=$top/LICENSE

# Each example, against itself built natively.
for name in hello wc kv primes; do
    check "$name compiles" guest "$top/examples/$name/$name.c" -o "$name.wasm"
    check "$name compiles natively" gcc -O2 "$top/examples/$name/$name.c" -o "$name" -lm
done
check "words compiles" "$top/build/bin/cloudskin-c++" -Wall -Wextra -Werror \
    "$top/examples/words/words.cpp" -o words.wasm
check "words compiles natively" g++ -O2 "$top/examples/words/words.cpp" -o words
check "httpd compiles" guest "$top/examples/httpd/httpd.c" -o httpd.wasm
cp "$text" text

cell hello.wasm Ada >a; ./hello Ada >b
check "hello" same a b
cell wc.wasm text >a; ./wc text >b
check "wc" same a b
cell wc.wasm <text >a; ./wc <text >b
check "wc of standard input" same a b
cell words.wasm 7 <text >a; ./words 7 <text >b
check "words" same a b
cell primes.wasm 300000 >a; ./primes 300000 >b
check "primes" same a b
printf 'set colour green\nset size 3\nget colour\ndel size\nlist\n' >commands
cell kv.wasm a.log <commands >a; ./kv b.log <commands >b
check "kv" same a b
check "kv's log" same a.log b.log
printf 'deadbeef torn' >>a.log
echo list | cell kv.wasm a.log >a
check "kv cuts a torn record" same a.log b.log

# A server that is frozen between two visitors goes on counting.
port=$((20000 + $$ % 20000))
start_server() {
    "$@" 2>server.err &
    server=$!
    for _ in $(seq 100); do
        if curl -sf --max-time 5 "http://127.0.0.1:$port/" >page 2>/dev/null; then return 0; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.05
    done
    cat server.err
    return 1
}
check "httpd answers" start_server "$cloudskin" run --listen "127.0.0.1:$port" \
    --name "sdk-test-$$" httpd.wasm
echo "hello, visitor 1" >b
check "httpd counts" same page b
check "httpd is checkpointed" "$cloudskin" checkpoint "sdk-test-$$" --output httpd.cell
wait "$server"
check "httpd continues" start_server "$cloudskin" restore --listen "127.0.0.1:$port" httpd.cell
echo "hello, visitor 2" >b
check "httpd remembers" same page b
kill "$server"
wait "$server" 2>/dev/null
server=

# The library.
check "library compiles" guest "$top/test/sdk/library.c" -o library.wasm
check "library compiles, alone" guest --assume-single-process "$top/test/sdk/library.c" -o alone.wasm
echo ok >b
cell library.wasm >a
check "library" same a b
cell alone.wasm alone >a
check "library of a single process" same a b

# Jumps, also across a freeze.
"$cc" "$top/test/sdk/jumps.c" -o none.wasm 2>err
check "setjmp without --jumps says what to do" grep -q -e "--jumps" err
if command -v wasm-opt >/dev/null; then
    check "jumps compile" guest --jumps "$top/test/sdk/jumps.c" -o jumps.wasm
    check "jumps compile natively" gcc -O1 -w "$top/test/sdk/jumps.c" -o jumps
    cell jumps.wasm x >a; echo $? >>a
    ./jumps x >b; echo $? >>b
    check "jumps" same a b
    for at in 100 1000 5000 20000 50000; do
        "$cloudskin" run --checkpoint-after $at --output j.cell jumps.wasm x >a 2>/dev/null
        status=$?
        if [ -e j.cell ]; then
            "$cloudskin" restore j.cell >>a
            status=$?
            rm -f j.cell
        fi
        echo $status >>a
        check "jumps frozen at safepoint $at" same a b
    done
else
    echo "wasm-opt is not installed: jumps were not tried"
    failed=$((failed + 1))
fi

# The wrapper.
check "--help" grep -q "usage: cloudskin-cc" <("$cc" --help)
check "--print-sdk" test -d "$("$cc" --print-sdk)/include"
check "--memory-max" guest --memory-max=2097152 "$top/examples/hello/hello.c" -o m.wasm
"$cc" -c "$top/examples/hello/hello.c" -o hello.o
check "compile and link apart" guest hello.o -o apart.wasm
check "without arguments it fails" test "$("$cc" >/dev/null 2>&1; echo $?)" = 1

echo "sdk: $passed checks passed, $failed failed"
[ "$failed" = 0 ]
