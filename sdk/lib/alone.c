/* SPDX-License-Identifier: Apache-2.0 */
/* Linked by cloudskin-cc --assume-single-process: see take_lock() in guest.c. */
extern const int cloudskin_alone;
const int cloudskin_alone = 1;
