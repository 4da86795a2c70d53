package org.maloca.x86.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.InsnPrinter;
import org.maloca.x86.ir.IrVerifier;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

class DecoderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          64 | 48 01 d8                      | add rax, rbx
          64 | 4c 01 44 8b 10                | add qword [rbx+rcx*4+0x10], r8
          64 | 66 41 01 c7                   | add r15w, ax
          64 | 00 e5                         | add ch, ah
          64 | 40 00 e5                      | add bpl, spl
          64 | 48 05 ff ff ff ff             | add rax, -0x1
          64 | 80 24 25 00 10 00 00 0f       | and byte [0x1000], 0xf
          64 | f0 48 0f c1 08                | lock xadd qword [rax], rcx
          64 | 87 08                         | lock xchg dword [rax], ecx
          64 | 48 8b 05 04 00 00 00          | mov rax, qword [rip+0x4]
          64 | 67 8b 05 04 00 00 00          | mov eax, dword [eip+0x4]
          64 | 8b 04 25 00 00 00 80          | mov eax, dword [-0x80000000]
          64 | 43 8b 44 65 f8                | mov eax, dword [r13+r12*2-0x8]
          64 | 65 48 8b 04 25 28 00 00 00    | mov rax, qword [gs:0x28]
          64 | 3e 8b 45 00                   | mov eax, dword [rbp]
          64 | 64 2e 8b 00                   | mov eax, dword [fs:rax]
          64 | 48 b8 01 02 03 04 05 06 07 08 | mov rax, 0x807060504030201
          64 | 48 c7 c0 fe ff ff ff          | mov rax, -0x2
          64 | b4 80                         | mov ah, -0x80
          64 | a1 01 02 03 04 05 06 07 08    | mov eax, dword [0x807060504030201]
          64 | 67 a0 01 02 03 04             | mov al, byte [0x4030201]
          64 | 48 63 c8                      | movsxd rcx, eax
          64 | 48 0f be c4                   | movsx rax, spl
          64 | 0f b6 c4                      | movzx eax, ah
          64 | 0f b7 00                      | movzx eax, word [rax]
          64 | 55                            | push rbp
          64 | 66 41 54                      | push r12w
          64 | 6a ff                         | push -0x1
          64 | c3                            | ret 0x0
          64 | c2 08 00                      | ret 0x8
          64 | c8 20 00 01                   | enter 0x20
          64 | 90                            | nop
          64 | f3 90                         | pause
          64 | 41 90                         | xchg r8d, eax
          64 | f3 0f 1e fa                   | nop
          64 | 0f 1f 84 00 00 00 00 00       | nop
          64 | 74 fe                         | je $-0x2
          64 | 0f 8f 00 01 00 00             | jg $+0x100
          64 | 66 e9 02 01                   | jmp $+0x102
          64 | ff 24 c5 00 00 00 00          | jmp_indirect qword [rax*8]
          64 | 0f 94 c0                      | sete al
          64 | 4c 0f 44 00                   | cmove r8, qword [rax]
          64 | d1 e0                         | shl eax, 0x1
          64 | 48 d3 f8                      | sar rax, cl
          64 | 0f a4 c8 07                   | shld eax, ecx, 0x7
          64 | f3 48 a5                      | rep movsq
          64 | f2 ae                         | repne scasb
          64 | e4 60                         | in al, 0x60
          64 | ef                            | out dx, eax
          64 | 8c d8                         | mov_from_seg eax, ds
          64 | 8c 18                         | mov_from_seg word [rax], ds
          64 | 8e d0                         | mov_to_seg ss, ax
          64 | 0f a0                         | push_seg fs
          64 | 44 0f 20 c0                   | mov_from_cr rax, cr8
          64 | 0f 22 d8                      | mov_to_cr cr3, rax
          64 | 0f 23 f8                      | mov_to_dr dr7, rax
          64 | 48 0f c7 08                   | cmpxchg16b oword [rax]
          64 | 0f c8                         | bswap eax
          64 | f2 48 0f 38 f1 c1             | crc32 rax, rcx
          64 | 66 f2 0f 38 f1 01             | crc32 eax, word [rcx]
          64 | f3 0f b8 c1                   | popcnt eax, ecx
          64 | f3 0f bc c1                   | tzcnt eax, ecx
          64 | 0f bc c1                      | bsf eax, ecx
          32 | 66 05 34 12                   | add ax, 0x1234
          32 | 40                            | inc eax
          32 | 8b 44 24 04                   | mov eax, dword [esp+0x4]
          32 | 67 8b 42 fc                   | mov eax, dword [bp+si-0x4]
          32 | 9a 01 00 00 00 08 00          | call_far 0x8:0x1
          32 | c5 06                         | load_far_pointer eax, dword [esi], ds
          32 | 63 c8                         | arpl ax, cx
          32 | 62 00                         | bound eax, dword [eax]
          32 | f0 0f 22 c0                   | mov_to_cr cr8, eax
          16 | 8b 07                         | mov ax, word [bx]
          16 | 8b 06 34 12                   | mov ax, word [0x1234]
          16 | 26 a1 34 12                   | mov ax, word [es:0x1234]
          16 | 66 b8 78 56 34 12             | mov eax, 0x12345678
          16 | 67 8d 04 48                   | lea ax, [eax+ecx*2]
          16 | ea f0 ff 00 f0                | jmp_far 0xf000:0xfff0
          16 | e9 fd ff                      | jmp $-0x3
          """)
  void decodesIntegerInstructions(int bits, String code, String text) {
    assertEquals(text, InsnPrinter.print(HexCode.decode(HexCode.mode(bits), code)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0f 58 c1             | addps xmm0, xmm1
          66 44 0f 58 08       | addpd xmm9, [rax]
          f3 0f 58 c1          | addss xmm0, xmm1
          66 f2 0f 58 c1       | addsd xmm0, xmm1
          0f 12 c1             | movhlps xmm0, xmm1
          0f 12 01             | movlps xmm0, [rcx]
          66 48 0f 6e c0       | movd xmm0, rax
          0f 7e c8             | movd eax, mm1
          f3 0f 7e c8          | movq xmm1, xmm0
          4d 0f fc c9          | paddb mm1, mm1
          66 45 0f fc c9       | paddb xmm9, xmm9
          66 0f 73 f9 04       | pslldq xmm1, 0x4
          f3 48 0f 2a c1       | cvtsi2ss xmm0, rcx
          f2 0f 2c 00          | cvttsd2si eax, dword [rax]
          0f c2 c1 02          | cmpps xmm0, xmm1, 0x2
          66 0f 38 14 c1       | blendvps xmm0, xmm1, xmm0
          66 48 0f 3a 16 c0 01 | pextrq rax, xmm0, 0x1
          66 0f 3a 22 00 03    | pinsrd xmm0, dword [rax], 0x3
          66 0f c4 c1 07       | pinsrw xmm0, ecx, 0x7
          66 0f d7 c1          | pmovmskb eax, xmm1
          66 0f 38 dc c1       | aesenc xmm0, xmm1
          0f ae 38             | clflush [rax]
          0f ae f8             | sfence
          48 0f ae 00          | fxsave qword [rax]
          c4 e2 f0 f2 c2       | andn rax, rcx, rdx
          c4 c2 70 f3 d8       | blsi ecx, r8d
          c4 e3 7b f0 c1 07    | rorx eax, ecx, 0x7
          c4 e2 fb f6 c1       | mulx rax, rax, rcx
          """)
  void decodesVectorInstructions(String code, String text) {
    assertEquals(text, InsnPrinter.print(HexCode.decode(HexCode.mode(64), code)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          d8 c1    | fadd st0, st1
          dc c1    | fadd st1, st0
          de c1    | faddp st1, st0
          d8 e1    | fsub st0, st1
          de e1    | fsubrp st1, st0
          de e9    | fsubp st1, st0
          de d9    | fcompp st0, st1
          da e9    | fucompp st0, st1
          d8 10    | fcom st0, dword [rax]
          da 10    | ficom st0, dword [rax]
          dc 08    | fmul st0, qword [rax]
          de 08    | fmul st0, word [rax]
          d9 c1    | fld st1
          db 28    | fld tbyte [rax]
          dd d9    | fstp st1
          df 38    | fistp qword [rax]
          df 30    | fbstpp tbyte [rax]
          df e0    | fnstsw ax
          dd 38    | fnstsw word [rax]
          d9 30    | fnstenv dword [rax]
          66 d9 30 | fnstenv word [rax]
          df f1    | fcomip st0, st1
          da c9    | fcmove st0, st1
          dd c1    | ffree st1
          d9 fa    | fsqrt
          db e3    | fninit
          9b       | fwait
          """)
  void decodesX87Instructions(String code, String text) {
    assertEquals(text, InsnPrinter.print(HexCode.decode(HexCode.mode(64), code)));
  }

  @ParameterizedTest
  @CsvSource({
    "64, 06",
    "64, 27",
    "64, 60",
    "64, 9a112233445566",
    "64, ea112233445566",
    "64, d6",
    "64, ce",
    "64, 82",
    "64, f04801d8",
    "64, f08b00",
    "64, f090",
    "64, f0f6d8",
    "64, 0f0b",
    "64, 0fff",
    "64, 8ec8",
    "64, 8ef0",
    "64, 0f20c8",
    "64, 440f23c0",
    "64, 8dc0",
    "64, ff38",
    "64, f30f28c1",
    "64, c4e274f2c2",
    "64, 66c4e270f2c2",
    "64, c5f858c1",
    "32, 0f01f8",
    "32, 62c1",
    "64, 0f0dc0",
    "64, f30f01d0",
    "64, d9d1"
  })
  void invalidEncodingsAreUndefined(int bits, String code) {
    assertEquals(Operation.UD, HexCode.decode(HexCode.mode(bits), code + "00000000").operation);
  }

  /** A page or a length limit in their middle is met before they are found undefined. */
  @ParameterizedTest
  @CsvSource({
    "9a112233445566, 7",
    "82001122, 3",
    "d411, 2",
    "c7081122334455, 6",
    "0fba0811, 4",
    "0f71c011, 4",
    "fe5511, 3",
    "0fb84011, 4",
    "66c4e278f24011, 7",
    "40c4e278f24011, 5"
  })
  void undefinedInstructionsAreReadAsFarAsSiliconDoes(String hex, int length) {
    var insn = HexCode.decode(HexCode.mode(64), hex);

    assertEquals(Operation.UD, insn.operation);
    assertEquals(length, insn.length);
  }

  @ParameterizedTest
  @CsvSource({"e110, LOOPE", "f2e110, LOOPNE", "f3e010, LOOPE", "f2e010, LOOPNE"})
  void aRepeatPrefixChoosesTheConditionOfALoop(String hex, Operation operation) {
    assertEquals(operation, HexCode.decode(HexCode.mode(64), hex).operation);
  }

  @ParameterizedTest
  @CsvSource({"0f00d8", "0f02c1", "63c8", "c4e270f2c2"})
  void protectedModeInstructionsAreUndefinedInRealMode(String code) {
    int real = CodeMode.WIDTH_16 | CodeMode.REAL_ADDRESSING;
    assertEquals(Operation.UD, HexCode.decode(real, code).operation);
  }

  @Test
  void rexCountsOnlyRightBeforeTheOpcode() {
    Insn insn = HexCode.decode(HexCode.mode(64), "48 66 01 d8");
    assertEquals(2, insn.operandSize);
    assertFalse(insn.rex);
  }

  @Test
  void fifteenBytesAreAnInstruction() {
    InsnBuilder builder = new InsnBuilder();
    int length = decode("66".repeat(14) + "90", builder);
    assertEquals(15, length);
    assertEquals(Operation.NOP, builder.operation);
  }

  @Test
  void sixteenBytesAreTooLong() {
    assertEquals(Decoder.TOO_LONG, decode("66".repeat(15) + "90", new InsnBuilder()));
    assertEquals(
        Decoder.TOO_LONG, decode("2e".repeat(8) + "4881842400000000" + "00", new InsnBuilder()));
  }

  @Test
  void stackRegistersAsBaseSelectTheStackSegment() {
    assertEquals(2, HexCode.decode(HexCode.mode(32), "8b 45 00").segment);
    assertEquals(2, HexCode.decode(HexCode.mode(32), "8b 04 24").segment);
    assertEquals(3, HexCode.decode(HexCode.mode(32), "8b 04 2d 00 00 00 00").segment);
    assertEquals(2, HexCode.decode(HexCode.mode(16), "8b 46 00").segment);
    assertEquals(2, HexCode.decode(HexCode.mode(16), "36 8b 07").segment);
    assertEquals(3, HexCode.decode(HexCode.mode(16), "8b 07").segment);
  }

  @Test
  void stringSourceHonoursOverridesAndDestinationDoesNot() {
    assertEquals(4, HexCode.decode(HexCode.mode(32), "64 a4").segment);
    assertEquals(0, HexCode.decode(HexCode.mode(32), "64 aa").segment);
  }

  @Test
  void enterHasItsLevelAside() {
    Insn insn = HexCode.decode(HexCode.mode(64), "c8 34 12 05");
    assertEquals(0x1234, insn.immediate);
    assertEquals(5, insn.immediate2);
    assertEquals(OperandKind.NONE, insn.kind1);
  }

  @Test
  void opcodeFieldTellsTheMap() {
    assertEquals(0x001, HexCode.decode(HexCode.mode(64), "01 d8").opcode);
    assertEquals(0x1af, HexCode.decode(HexCode.mode(64), "0f af c1").opcode);
    assertEquals(0x2f0, HexCode.decode(HexCode.mode(64), "0f 38 f0 00").opcode);
  }

  @Test
  void blockOfDecodedInstructionsIsWellFormed() {
    InsnBuilder builder = new InsnBuilder();
    Decoder decoder = new Decoder(new CpuFeatures(1));
    decoder.decode(new HexCode("4801d8"), HexCode.mode(64), 0, builder);
    Insn first = builder.build();
    decoder.decode(new HexCode("c3"), HexCode.mode(64), 3, builder);
    IrVerifier.verifyBlock(List.of(first, builder.build()));
    assertTrue(builder.operation.endsBlock());
  }

  private static int decode(String hex, InsnBuilder into) {
    return new Decoder(new CpuFeatures(1)).decode(new HexCode(hex), HexCode.mode(64), 0, into);
  }
}
