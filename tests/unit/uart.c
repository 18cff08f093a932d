/*
 * uart.c - accesses to registers, and where in the window they are mapped.
 *
 * needs: arch/uart.c tests/host/metal.c tests/host/fakepage.c
 */
#include "fakepage.h"
#include "metal.h"
#include "mmu.h"
#include "uart.h"
#include "unit.h"

#define RAMEND (64 * MiB)

/* The last access to a port. */
static struct {
	uint16_t port;
	uint8_t v;
} io;

uint8_t
portread8(uint16_t port)
{
	io.port = port;
	return io.v;
}

void
portwrite8(uint16_t port, uint8_t v)
{
	io.port = port;
	io.v = v;
}

static int
setup(void **state)
{
	(void)state;
	hostmachine(0, RAMEND, RAMEND, 1);
	metalcpu((Kind){46, true, true});
	fakeinit(16 * MiB, 32 * MiB);
	metalspace();
	metalboot = (Bootinfo){.handover = {MiB, 3 * BY2PG}};
	return 0;
}

static void
each_access_is_of_the_width_at_the_stride(void **state)
{
	uint8_t mem[64];

	(void)state;
	for (uint8_t width = 1; width <= 4; width *= 2)
		for (uint8_t stride = width; stride <= 8; stride *= 2)
			for (unsigned reg = 0; reg < UARTREGS; reg++) {
				Uartregs r = {0, mem, width, stride};
				size_t at = reg * stride;

				memset(mem, 0xee, sizeof mem);
				uartput(&r, reg, 0x5a);
				assert_int_equal(uartget(&r, reg), 0x5a);
				for (size_t i = 0; i < sizeof mem; i++)
					assert_int_equal(mem[i],
					    i == at                    ? 0x5a
					    : i > at && i < at + width ? 0
								       : 0xee);
			}
}

static void
ports_are_stride_apart(void **state)
{
	Uartregs r = {.port = 0x3f8, .width = 1, .stride = 1};

	(void)state;
	uartput(&r, 7, 0x55);
	assert_int_equal(io.port, 0x3ff);
	assert_int_equal(uartget(&r, 5), 0x55);
	assert_int_equal(io.port, 0x3fd);
	r.stride = 4;
	uartput(&r, 5, 1);
	assert_int_equal(io.port, 0x3f8 + 20);
}

/* A page that is never mapped, then those of the registers, uncached. */
static void
registers_are_mapped_behind_the_hand_over(void **state)
{
	static const struct {
		Uart u;
		size_t npages;
	} kinds[] = {
	    {{UARTMEM, 1, 1, 0xfe034000}, 1},
	    {{UARTMEM, 4, 4, 0xfe034000}, 1},
	    {{UARTMEM, 1, 1, 0x2fe034ff8}, 1},
	    {{UARTMEM, 4, 4, 0x2fe034ff8}, 2},
	};
	uintptr_t va = VMAP + 4 * BY2PG;

	for (size_t i = 0; i < nelem(kinds); i++) {
		const Uart *u = &kinds[i].u;
		int level = 0;

		setup(state);
		metalboot.uart = *u;
		assert_int_equal(uartmap(&kspace, &metalboot), 0);
		assert_int_equal(mmupa(&kspace, va - 1), NOADDR);
		for (size_t n = 0; n < kinds[i].npages; n++) {
			assert_int_equal(mmupa(&kspace, va + n * BY2PG),
			    ROUNDDOWN(u->addr, BY2PG) + n * BY2PG);
			pte_t pte = *mmufind(&kspace, va + n * BY2PG, &level);
			assert_int_equal(pte & PTEMEMTYPE, PTEUC);
			assert_true(pte & PTENOEXEC);
		}
		size_t end = 4 * BY2PG + kinds[i].npages * BY2PG;
		assert_int_equal(uartend(&metalboot), end);
		assert_int_equal(mmupa(&kspace, VMAP + end), NOADDR);

		Uartregs r = uartregs(&metalboot, u);
		assert_int_equal((uintptr_t)r.mem, va + u->addr % BY2PG);
		assert_int_equal(r.stride, u->stride);
		assert_int_equal(r.width, u->width);
		kspace.direct = 0; /* firmware lives */
		r = uartregs(&metalboot, u);
		assert_int_equal((uintptr_t)r.mem, u->addr);
	}
}

static void
ports_need_no_mapping(void **state)
{
	(void)state;
	metalboot.uart = (Uart){UARTPORT, 1, 1, 0x2f8};
	assert_int_equal(uartmap(&kspace, &metalboot), 0);
	assert_int_equal(uartend(&metalboot), 3 * BY2PG);
	assert_int_equal(mmupa(&kspace, VMAP + 4 * BY2PG), NOADDR);

	Uartregs r = uartregs(&metalboot, &metalboot.uart);
	assert_int_equal(r.port, 0x2f8);
	assert_null(r.mem);

	metalboot.uart.space = UARTNONE;
	assert_int_equal(uartmap(&kspace, &metalboot), 0);
	r = uartregs(&metalboot, &metalboot.uart);
	assert_int_equal(r.port, 0);
	assert_null(r.mem);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(each_access_is_of_the_width_at_the_stride),
	    TEST(ports_are_stride_apart),
	    TEST(registers_are_mapped_behind_the_hand_over),
	    TEST(ports_need_no_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
