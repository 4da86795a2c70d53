package org.maloca.x86.simd;

import static org.maloca.x86.simd.Swar.BYTES;
import static org.maloca.x86.simd.Swar.DWORDS;
import static org.maloca.x86.simd.Swar.WORDS;

import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Operation;

/** Packed integer operations that work lane by lane. */
final class LanewiseHandlers {
  private final HandlerTable table;

  private LanewiseHandlers(HandlerTable table) {
    this.table = table;
  }

  static void register(HandlerTable table) {
    LanewiseHandlers handlers = new LanewiseHandlers(table);
    handlers.addArithmetic();
    handlers.addSaturating();
    handlers.addMultiplications();
    handlers.addComparisons();
    handlers.addExtremes();
    handlers.addSigns();
  }

  private void put(Operation operation, LaneOperation body) {
    table.put(operation, new LanewiseHandler(body));
  }

  private void addArithmetic() {
    put(Operation.PADDB, (a, b) -> Swar.add(a, b, BYTES));
    put(Operation.PADDW, (a, b) -> Swar.add(a, b, WORDS));
    put(Operation.PSUBW, (a, b) -> Swar.sub(a, b, WORDS));
    put(Operation.PSUBD, (a, b) -> Swar.sub(a, b, DWORDS));
    put(Operation.PSUBQ, (a, b) -> a - b);
    put(Operation.PAVGB, (a, b) -> Swar.average(a, b, BYTES));
    put(Operation.PAVGW, (a, b) -> Swar.average(a, b, WORDS));
    put(Operation.PSADBW, Swar::sumOfDifferences);
  }

  private void addSaturating() {
    put(Operation.PADDSB, (a, b) -> Swar.addSaturating(a, b, BYTES));
    put(Operation.PADDSW, (a, b) -> Swar.addSaturating(a, b, WORDS));
    put(Operation.PADDUSB, (a, b) -> Swar.addUnsignedSaturating(a, b, BYTES));
    put(Operation.PADDUSW, (a, b) -> Swar.addUnsignedSaturating(a, b, WORDS));
    put(Operation.PSUBSB, (a, b) -> Swar.subSaturating(a, b, BYTES));
    put(Operation.PSUBSW, (a, b) -> Swar.subSaturating(a, b, WORDS));
    put(Operation.PSUBUSB, (a, b) -> Swar.subUnsignedSaturating(a, b, BYTES));
    put(Operation.PSUBUSW, (a, b) -> Swar.subUnsignedSaturating(a, b, WORDS));
  }

  private void addMultiplications() {
    put(Operation.PMULLW, LaneMultiply::low);
    put(Operation.PMULHW, LaneMultiply::high);
    put(Operation.PMULHUW, LaneMultiply::highUnsigned);
    put(Operation.PMULHRSW, LaneMultiply::fractions);
    put(Operation.PMADDWD, LaneMultiply::addWordProducts);
    put(Operation.PMADDUBSW, LaneMultiply::addByteProducts);
    put(Operation.PMULUDQ, LaneMultiply::evenUnsignedDwords);
    put(Operation.PMULDQ, LaneMultiply::evenDwords);
    put(Operation.PMULLD, LaneMultiply::lowDwords);
  }

  private void addComparisons() {
    put(Operation.PCMPEQW, (a, b) -> Swar.equal(a, b, WORDS));
    put(Operation.PCMPEQQ, Swar::equalQwords);
    put(Operation.PCMPGTB, (a, b) -> Swar.greater(a, b, BYTES));
    put(Operation.PCMPGTW, (a, b) -> Swar.greater(a, b, WORDS));
    put(Operation.PCMPGTD, (a, b) -> Swar.greater(a, b, DWORDS));
    put(Operation.PCMPGTQ, Swar::greaterQwords);
  }

  private void addExtremes() {
    put(Operation.PMINSB, (a, b) -> Swar.min(a, b, BYTES));
    put(Operation.PMINUW, (a, b) -> Swar.minUnsigned(a, b, WORDS));
    put(Operation.PMINSW, (a, b) -> Swar.min(a, b, WORDS));
    put(Operation.PMINUD, (a, b) -> Swar.minUnsigned(a, b, DWORDS));
    put(Operation.PMINSD, (a, b) -> Swar.min(a, b, DWORDS));
    put(Operation.PMAXUB, (a, b) -> Swar.maxUnsigned(a, b, BYTES));
    put(Operation.PMAXSB, (a, b) -> Swar.max(a, b, BYTES));
    put(Operation.PMAXUW, (a, b) -> Swar.maxUnsigned(a, b, WORDS));
    put(Operation.PMAXSW, (a, b) -> Swar.max(a, b, WORDS));
    put(Operation.PMAXUD, (a, b) -> Swar.maxUnsigned(a, b, DWORDS));
    put(Operation.PMAXSD, (a, b) -> Swar.max(a, b, DWORDS));
  }

  private void addSigns() {
    put(Operation.PABSB, (a, b) -> Swar.absolute(b, BYTES));
    put(Operation.PABSW, (a, b) -> Swar.absolute(b, WORDS));
    put(Operation.PABSD, (a, b) -> Swar.absolute(b, DWORDS));
    put(Operation.PSIGNB, (a, b) -> Swar.applySign(a, b, BYTES));
    put(Operation.PSIGNW, (a, b) -> Swar.applySign(a, b, WORDS));
    put(Operation.PSIGND, (a, b) -> Swar.applySign(a, b, DWORDS));
  }
}
