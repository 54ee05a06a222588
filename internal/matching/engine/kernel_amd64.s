#include "textflag.h"

// Planes have 512 bytes; everything here is AVX2 and moves unaligned, which costs
// nothing where planes are aligned.

#define PLANE $512

// An operand that holds, on 32 bytes: t &= x, p &= x|m.
#define HOLDS(at, t, p, tmp) \
	VMOVDQU at(R12)(DX*1), tmp      \
	VPAND   tmp, t, t               \
	VPOR    at(R13)(DX*1), tmp, tmp \
	VPAND   tmp, p, p

// Its opposite: p &^= x, t &^= x|m.
#define FAILS(at, t, p, tmp) \
	VMOVDQU at(R12)(DX*1), tmp      \
	VPANDN  p, tmp, p               \
	VPOR    at(R13)(DX*1), tmp, tmp \
	VPANDN  t, tmp, t

// func joinAVX2(t, p *plane, from *operand, kids *uint32, n int, or uint32)
// 1,024 rows at a time stay in registers: t in Y0 to Y3, p in Y4 to Y7.
TEXT ·joinAVX2(SB), NOSPLIT, $0-44
	MOVQ     t+0(FP), DI
	MOVQ     p+8(FP), SI
	MOVQ     from+16(FP), R8
	MOVQ     kids+24(FP), R9
	MOVQ     n+32(FP), R10
	MOVL     or+40(FP), R11
	LEAQ     (R9)(R10*4), R10
	XORQ     DX, DX
	VPCMPEQD Y15, Y15, Y15

rows:
	MOVQ    R9, AX
	VMOVDQA Y15, Y0
	VMOVDQA Y15, Y1
	VMOVDQA Y15, Y2
	VMOVDQA Y15, Y3
	VMOVDQA Y15, Y4
	VMOVDQA Y15, Y5
	VMOVDQA Y15, Y6
	VMOVDQA Y15, Y7

kid:
	MOVL  (AX), BX
	ADDQ  $4, AX
	XORL  R11, BX
	MOVL  BX, CX
	ANDL  $~15, CX
	MOVQ  (R8)(CX*1), R12
	MOVQ  8(R8)(CX*1), R13
	TESTL $1, BX
	JNE   fails
	HOLDS(0, Y0, Y4, Y8)
	HOLDS(32, Y1, Y5, Y9)
	HOLDS(64, Y2, Y6, Y10)
	HOLDS(96, Y3, Y7, Y11)
	JMP   left

fails:
	FAILS(0, Y0, Y4, Y8)
	FAILS(32, Y1, Y5, Y9)
	FAILS(64, Y2, Y6, Y10)
	FAILS(96, Y3, Y7, Y11)

left:
	// What p does not have any more t does not have either.
	VPOR   Y4, Y5, Y8
	VPOR   Y6, Y7, Y9
	VPOR   Y8, Y9, Y8
	VPTEST Y8, Y8
	JEQ    done
	CMPQ   AX, R10
	JNE    kid

done:
	TESTL   R11, R11
	JNE     turn
	VMOVDQU Y0, (DI)(DX*1)
	VMOVDQU Y1, 32(DI)(DX*1)
	VMOVDQU Y2, 64(DI)(DX*1)
	VMOVDQU Y3, 96(DI)(DX*1)
	VMOVDQU Y4, (SI)(DX*1)
	VMOVDQU Y5, 32(SI)(DX*1)
	VMOVDQU Y6, 64(SI)(DX*1)
	VMOVDQU Y7, 96(SI)(DX*1)
	JMP     next

turn:
	VPXOR   Y15, Y4, Y4
	VPXOR   Y15, Y5, Y5
	VPXOR   Y15, Y6, Y6
	VPXOR   Y15, Y7, Y7
	VPXOR   Y15, Y0, Y0
	VPXOR   Y15, Y1, Y1
	VPXOR   Y15, Y2, Y2
	VPXOR   Y15, Y3, Y3
	VMOVDQU Y4, (DI)(DX*1)
	VMOVDQU Y5, 32(DI)(DX*1)
	VMOVDQU Y6, 64(DI)(DX*1)
	VMOVDQU Y7, 96(DI)(DX*1)
	VMOVDQU Y0, (SI)(DX*1)
	VMOVDQU Y1, 32(SI)(DX*1)
	VMOVDQU Y2, 64(SI)(DX*1)
	VMOVDQU Y3, 96(SI)(DX*1)

next:
	ADDQ $128, DX
	CMPQ DX, PLANE
	JNE  rows
	VZEROUPPER
	RET

DATA nibbles<>+0(SB)/8, $0x0302020102010100
DATA nibbles<>+8(SB)/8, $0x0403030203020201
GLOBL nibbles<>(SB), RODATA|NOPTR, $16

// The four words of Y0: those that are not zero go to (DI), which moves on, their
// mask goes into R10, which turns, and their bits are counted in Y10.
#define SQUEEZE \
	VPCMPEQQ  Y11, Y0, Y1      \
	VMOVMSKPD Y1, AX           \
	XORL      $15, AX          \
	MOVL      AX, BX           \
	SHLL      $5, BX           \
	VMOVDQU   (R9)(BX*1), Y2   \
	VPERMD    Y0, Y2, Y3       \
	VMOVDQU   Y3, (DI)         \
	POPCNTL   AX, BX           \
	LEAQ      (DI)(BX*8), DI   \
	ORQ       AX, R10          \
	RORQ      $4, R10          \
	VPAND     Y0, Y12, Y4      \
	VPSRLW    $4, Y0, Y5       \
	VPAND     Y5, Y12, Y5      \
	VPSHUFB   Y4, Y13, Y4      \
	VPSHUFB   Y5, Y13, Y5      \
	VPADDB    Y4, Y10, Y10     \
	VPADDB    Y5, Y10, Y10

// What Y10 has counted.
#define COUNTED(to) \
	VPSADBW      Y11, Y10, Y10 \
	VEXTRACTI128 $1, Y10, X4   \
	VPADDQ       X4, X10, X10  \
	VPSRLDQ      $8, X10, X4   \
	VPADDQ       X4, X10, X10  \
	VMOVQ        X10, to

// func packAVX2(buf *uint64, t, p *plane, order *[16][8]uint32) (end, yes, open int)
TEXT ·packAVX2(SB), NOSPLIT, $0-56
	MOVQ           buf+0(FP), R8
	MOVQ           t+8(FP), SI
	MOVQ           p+16(FP), R11
	MOVQ           order+24(FP), R9
	LEAQ           8(R8), DI
	MOVQ           $0x0f0f0f0f0f0f0f0f, AX
	VMOVQ          AX, X12
	VPBROADCASTQ   X12, Y12
	VBROADCASTI128 nibbles<>(SB), Y13
	VPXOR          Y11, Y11, Y11
	VPXOR          Y10, Y10, Y10
	XORQ           R10, R10
	XORQ           DX, DX

certain:
	VMOVDQU (SI)(DX*1), Y0
	SQUEEZE
	ADDQ    $32, DX
	CMPQ    DX, PLANE
	JNE     certain
	MOVQ    R10, (R8)
	COUNTED(AX)
	MOVQ    AX, yes+40(FP)
	MOVQ    DI, R12
	ADDQ    $8, DI
	VPXOR   Y10, Y10, Y10
	XORQ    R10, R10
	XORQ    DX, DX

unknown:
	VMOVDQU (SI)(DX*1), Y1
	VPANDN  (R11)(DX*1), Y1, Y0
	SQUEEZE
	ADDQ    $32, DX
	CMPQ    DX, PLANE
	JNE     unknown
	MOVQ    R10, (R12)
	COUNTED(AX)
	MOVQ    AX, open+48(FP)
	SUBQ    R8, DI
	SHRQ    $3, DI
	MOVQ    DI, end+32(FP)
	VZEROUPPER
	RET

// Four words, R10 bytes apart from (AX) on, and AX moves on.
#define GATHER(x, y, xhi) \
	VMOVQ       (AX), x                   \
	VPINSRQ     $1, (AX)(R10*1), x, x     \
	LEAQ        (AX)(R10*2), AX           \
	VMOVQ       (AX), xhi                 \
	VPINSRQ     $1, (AX)(R10*1), xhi, xhi \
	LEAQ        (AX)(R10*2), AX           \
	VINSERTI128 $1, xhi, y, y

// func spreadAVX2(r *uint64, ge *plane, is *[256][8]uint64, width, last int)
// As spread, but eight words at a time, which are a line of the cache.
TEXT ·spreadAVX2(SB), NOSPLIT, $0-40
	MOVQ     r+0(FP), SI
	MOVQ     ge+8(FP), DI
	MOVQ     is+16(FP), R8
	MOVQ     width+24(FP), R10
	MOVQ     last+32(FP), R11
	SHLQ     $3, R10
	LEAQ     128(R8), R13
	MOVQ     $8, R12
	VPCMPEQD Y15, Y15, Y15

words:
	VMOVDQU Y15, (R8)
	VMOVDQU Y15, 32(R8)
	MOVQ    width+24(FP), CX

bit:
	LEAQ -8(SI)(CX*8), AX
	GATHER(X0, Y0, X2)
	GATHER(X1, Y1, X2)
	MOVQ R11, BX
	SHRQ CX, BX
	SHLQ $6, BX
	LEAQ (R8)(BX*1), AX
	LEAQ (R8)(BX*2), R9

codes:
	VMOVDQU (AX), Y2
	VMOVDQU 32(AX), Y3
	VPAND   Y0, Y2, Y4
	VPAND   Y1, Y3, Y5
	VPANDN  Y2, Y0, Y6
	VPANDN  Y3, Y1, Y7
	VMOVDQU Y4, 64(R9)
	VMOVDQU Y5, 96(R9)
	VMOVDQU Y6, (R9)
	VMOVDQU Y7, 32(R9)
	SUBQ    $64, AX
	SUBQ    $128, R9
	CMPQ    AX, R8
	JCC     codes
	DECQ    CX
	JNE     bit
	VMOVDQU (R8), Y2
	VMOVDQU 32(R8), Y3
	VMOVDQU Y2, (DI)
	VMOVDQU Y3, 32(DI)
	MOVQ    R11, AX
	SHLQ    $6, AX
	LEAQ    (DI)(AX*8), R9
	ADDQ    R8, AX
	VPXOR   Y4, Y4, Y4
	VPXOR   Y5, Y5, Y5

above:
	VPOR    (AX), Y4, Y4
	VPOR    32(AX), Y5, Y5
	VMOVDQU Y4, (R9)
	VMOVDQU Y5, 32(R9)
	SUBQ    $64, AX
	SUBQ    $512, R9
	CMPQ    AX, R13
	JCC     above
	LEAQ    (SI)(R10*8), SI
	ADDQ    $64, DI
	DECQ    R12
	JNE     words
	VZEROUPPER
	RET

// func minusAVX2(out, a, b *plane)
TEXT ·minusAVX2(SB), NOSPLIT, $0-24
	MOVQ out+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), R8
	XORQ DX, DX

minus:
	VMOVDQU (R8)(DX*1), Y0
	VMOVDQU 32(R8)(DX*1), Y1
	VPANDN  (SI)(DX*1), Y0, Y0
	VPANDN  32(SI)(DX*1), Y1, Y1
	VMOVDQU Y0, (DI)(DX*1)
	VMOVDQU Y1, 32(DI)(DX*1)
	ADDQ    $64, DX
	CMPQ    DX, PLANE
	JNE     minus
	VZEROUPPER
	RET
