/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLOUDSKIN_GUEST_SETJMP_H
#define CLOUDSKIN_GUEST_SETJMP_H

/* WebAssembly has no jumps out of a function, and wasi-libc no setjmp.h. With
 * cloudskin-cc --jumps the linked program is rewritten so that it can take its own stack
 * down and build it up again; setjmp and longjmp then work as the C standard says. */

#ifndef __CLOUDSKIN_JUMPS
#error "setjmp and longjmp need:  cloudskin-cc --jumps   (man cloudskin-cc says what it costs)"
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct cloudskin_jump {
    int unused; /* the address is what counts */
};
typedef struct cloudskin_jump jmp_buf[1];
typedef jmp_buf sigjmp_buf;

int setjmp(jmp_buf) __asm__("cloudskin_setjmp") __attribute__((returns_twice));
void longjmp(jmp_buf, int) __asm__("cloudskin_longjmp") __attribute__((noreturn));

#define setjmp(env)            setjmp(env)
#define _setjmp(env)           setjmp(env)
#define _longjmp(env, value)   longjmp(env, value)
#define sigsetjmp(env, mask)   setjmp(env)
#define siglongjmp(env, value) longjmp(env, value)

#ifdef __cplusplus
}
#endif

#endif
