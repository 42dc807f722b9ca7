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

#endif
