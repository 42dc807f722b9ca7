/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PORT_VM_H
#define PORT_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Address space for linear memories and stacks: zero-filled, readable and
 * writable, backed by the system only where touched.
 *
 * Invariant: bytes that nobody wrote since port_vm_reserve or port_vm_zero read 0.
 */
struct port_vm {
    uint8_t *base;
    size_t size;
};

size_t port_vm_page_size(void);

/* Reserve `size` bytes (rounded up to pages; 0 is allowed and gives base NULL). */
int port_vm_reserve(struct port_vm *vm, size_t size);

/* Make the mapping `size` bytes long, keeping its content; may move `base`. */
int port_vm_resize(struct port_vm *vm, size_t size);

/* Zero [offset, offset+size) by the cheapest means (memset for small ranges, giving
 * pages back to the system for large ones). */
void port_vm_zero(struct port_vm *vm, size_t offset, size_t size);

void port_vm_release(struct port_vm *vm);

/* Report the ranges of [base, base+size) that may hold non-zero bytes, in ascending
 * order, page-aligned, by asking the system which pages were ever touched. Where the
 * system cannot say (or lies, as under user-mode emulation) the whole range is
 * reported once. Stops and returns the callback's value when it is not 0. */
int port_vm_touched(const uint8_t *base, size_t size,
                    int (*range)(void *user, size_t offset, size_t size), void *user);

#endif
