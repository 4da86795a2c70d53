package org.maloca.x86.translate;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;

/** The methods of a class file as text: bytecode index, operation, operands. */
final class BytecodeListing {
  private final List<String> lines = new ArrayList<>();
  private final int[] namedSlots;
  private final IntFunction<String> guest;

  private BytecodeListing(int[] namedSlots, IntFunction<String> guest) {
    this.namedSlots = namedSlots;
    this.guest = guest;
  }

  /**
   * Lists a class.
   *
   * @param namedSlots by place of a local variable, which of {@link Locals} it is
   * @param guest the guest's instruction at an offset from the region's base, as text
   */
  static List<String> of(byte[] classFile, int[] namedSlots, IntFunction<String> guest) {
    BytecodeListing listing = new BytecodeListing(namedSlots, guest);
    ClassModel type = ClassFile.of().parse(classFile);
    type.methods().forEach(listing::method);
    return listing.lines;
  }

  private void method(MethodModel method) {
    method
        .findAttribute(Attributes.code())
        .ifPresent(code -> {
          lines.add(
              "%s%s: %d bytes, stack %d, locals %d"
                  .formatted(
                      method.methodName().stringValue(),
                      method.methodTypeSymbol().displayDescriptor(),
                      code.codeLength(),
                      code.maxStack(),
                      code.maxLocals()));
          body(code);
          lines.add("");
        });
  }

  private void body(CodeAttribute code) {
    int at = 0;
    Object constant = null;
    for (CodeElement element : code.elementList()) {
      if (element instanceof Instruction instruction) {
        String text =
            "  %5d: %-14s %s".formatted(at, operation(instruction), operands(code, instruction));
        lines.add((text + mark(instruction, constant)).stripTrailing());
        at += instruction.sizeInBytes();
        constant =
            instruction instanceof ConstantInstruction loaded ? loaded.constantValue() : null;
      }
    }
    for (ExceptionCatch range : code.exceptionHandlers()) {
      lines.add(
          "  %d to %d caught at %d: %s"
              .formatted(
                  code.labelToBci(range.tryStart()),
                  code.labelToBci(range.tryEnd()),
                  code.labelToBci(range.handler()),
                  range.catchType().map(type -> type.asSymbol().displayName()).orElse("all")));
    }
  }

  /** Says which of the guest's instructions begins, where that is kept for faults. */
  private String mark(Instruction instruction, @Nullable Object constantBefore) {
    boolean keeps =
        instruction instanceof StoreInstruction store && namedSlots[store.slot()] == Locals.PC
            || instruction instanceof FieldInstruction field
                && field.opcode() == Opcode.PUTFIELD
                && field.name().equalsString("faultOffset");
    return keeps && constantBefore instanceof Integer offset && offset != Cpu.EXACT
        ? "  ; " + guest.apply(offset)
        : "";
  }

  private static String operation(Instruction instruction) {
    return instruction.opcode().name().toLowerCase(Locale.ROOT);
  }

  private String operands(CodeAttribute code, Instruction instruction) {
    return switch (instruction) {
      case LoadInstruction load -> local(load.slot());
      case StoreInstruction store -> local(store.slot());
      case IncrementInstruction add -> local(add.slot()) + " by " + add.constant();
      case ConstantInstruction constant -> constant(constant);
      case FieldInstruction field ->
          field.owner().asSymbol().displayName() + "." + field.name().stringValue();
      case InvokeInstruction call ->
          call.owner().asSymbol().displayName()
              + "."
              + call.name().stringValue()
              + call.typeSymbol().displayDescriptor();
      case BranchInstruction branch -> target(code, branch.target());
      case TableSwitchInstruction choice -> cases(code, choice.cases(), choice.defaultTarget());
      case LookupSwitchInstruction choice -> cases(code, choice.cases(), choice.defaultTarget());
      case TypeCheckInstruction check -> check.type().asSymbol().displayName();
      case NewObjectInstruction made -> made.className().asSymbol().displayName();
      default -> "";
    };
  }

  private String local(int place) {
    String name = Locals.describe(namedSlots[place]);
    return name.isEmpty() ? String.valueOf(place) : place + " " + name;
  }

  private static String constant(ConstantInstruction constant) {
    return switch (constant.constantValue()) {
      case Long value when value > 9 || value < -9 -> "%d (0x%x)".formatted(value, value);
      case Integer value when value > 9 || value < -9 -> "%d (0x%x)".formatted(value, value);
      default -> String.valueOf(constant.constantValue());
    };
  }

  private static String target(CodeAttribute code, Label label) {
    return "-> " + code.labelToBci(label);
  }

  private static String cases(CodeAttribute code, List<SwitchCase> cases, Label otherwise) {
    return cases.stream()
        .map(one -> one.caseValue() + " " + target(code, one.target()))
        .collect(Collectors.joining(", ", "", ", else " + target(code, otherwise)));
  }
}
