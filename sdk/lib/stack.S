# SPDX-License-Identifier: Apache-2.0
# The guest's own stack pointer, read and set. Leaf functions without a frame, so that
# no epilogue undoes the change.
	.globaltype __stack_pointer, i32

	.section .text.cloudskin_stack_get,"",@
	.globl cloudskin_stack_get
	.type cloudskin_stack_get,@function
cloudskin_stack_get:
	.functype cloudskin_stack_get () -> (i32)
	global.get __stack_pointer
	end_function

	.section .text.cloudskin_stack_set,"",@
	.globl cloudskin_stack_set
	.type cloudskin_stack_set,@function
cloudskin_stack_set:
	.functype cloudskin_stack_set (i32) -> ()
	local.get 0
	global.set __stack_pointer
	end_function
