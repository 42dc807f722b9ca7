/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLOUDSKIN_GUEST_H
#define CLOUDSKIN_GUEST_H

/* What the headers beside this one add to wasi-libc shares these helpers. */

#ifdef __cplusplus
#define __CLOUDSKIN_BEGIN extern "C" {
#define __CLOUDSKIN_END   }
#else
#define __CLOUDSKIN_BEGIN
#define __CLOUDSKIN_END
#endif

/* Advisory locks: WASI has none. See cloudskin-cc --assume-single-process. */
#ifdef __CLOUDSKIN_SINGLE_PROCESS
#define __CLOUDSKIN_LOCKS_SUCCEED 1
#else
#define __CLOUDSKIN_LOCKS_SUCCEED 0
#endif

#endif
