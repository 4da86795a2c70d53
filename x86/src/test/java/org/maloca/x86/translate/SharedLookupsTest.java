package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Operation;

/** Which accesses of a block share a look at the TLB. */
class SharedLookupsTest {
  private final Map<SharedLookup, Integer> numbers = new HashMap<>();
  private final StringJoiner text = new StringJoiner(" ");

  private void note(SharedLookups.@Nullable Access access) {
    if (access != null) {
      SharedLookup lookup = access.lookup();
      int number = numbers.computeIfAbsent(lookup, unseen -> numbers.size() + 1);
      text.add(number + (lookup.stores() ? "s" : "l") + lookup.bytes());
    }
  }

  /**
   * For each access the number of its look-up, whether that is for stores, and of how many bytes.
   */
  @ParameterizedTest
  @CsvSource({
    // push rbp; push rbx; sub rsp,24; mov [rsp+8],rdi; call
    "555348 83ec18 48897c2408 e800000000, 1s48 1s48 1s48 1s48",
    // mov rax,[rdi]; mov ecx,[rdi+8]; mov [rdi+16],al
    "488b07 8b4f08 884710, 1s17 1s17 1s17",
    // mov rax,[rdi]; mov rcx,[rdi+0x100]
    "488b07 488b8f00010000, 1l8 2l8",
    // mov rax,[rdi]; mov rdi,[rdi+8]; mov rcx,[rdi]
    "488b07 488b7f08 488b0f, 1l16 1l16 2l8",
    // mov rax,[rdi]; mov rsi,rdi; add rsi,8; lea rdx,[rsi+8]; mov rcx,[rdx]
    "488b07 4889fe 4883c608 488d5608 488b0a, 1l24 1l24",
    // mov rax,[rdi+rsi*8]; mov rcx,[rdi+rsi*8+8]; inc rsi; mov rdx,[rdi+rsi*8]
    "488b04f7 488b4cf708 48ffc6 488b14f7, 1l16 1l16 2l8",
    // mov rax,[rdi+rsi*8]; add rsi,1; mov rdx,[rdi+rsi*8]
    "488b04f7 4883c601 488b14f7, 1l16 1l16",
    // mov rax,[rdi]; cpuid; mov rcx,[rdi+8]
    "488b07 0fa2 488b4f08, 1l8 2l8",
    // mov rax,[rip+0]; mov rcx,[rip+1]
    "488b0500000000 488b0d01000000, 1l16 1l16",
    // mov rax,[rip+0]; cpuid; mov rcx,[rip+0]
    "488b0500000000 0fa2 488b0d00000000, 1l8 2l8",
    // mov rax,[edi]; mov rax,fs:[rdi]; mov rax,[0]
    "67488b07 64488b07 488b042500000000, ''",
    // lock inc dword [rdi]; xchg [rdi],eax
    "f0ff07 8707, ''",
    // leave; ret
    "c9 c3, 1l16 1l16",
    // mov [rbp-8],rax; mov rsp,rbp; pop rbp
    "488945f8 4889ec 5d, 1s16 1s16",
  })
  void theSameOriginAndNear(String hex, String expected) {
    try (CodeMachine machine = new CodeMachine(true, false)) {
      machine.place(HexFormat.of().parseHex(hex.replace(" ", "") + "f4"));
      Block block = machine.decoded(CodeMachine.CODE);
      var lookups =
          new SharedLookups(
              new RegionBlock(block, 0),
              null,
              1,
              insn -> insn.operation != Operation.CPUID,
              index -> false,
              unused -> List.of());

      for (int i = 0; i < block.count; i++) {
        note(lookups.operand(i));
        note(lookups.slot(i));
      }

      assertEquals(expected, text.toString());
    }
  }
}
