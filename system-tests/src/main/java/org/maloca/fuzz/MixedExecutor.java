package org.maloca.fuzz;

/**
 * Executes each case either with specialised ops or with reference handlers only. Which of them
 * depends on where the case's code lies, so a case always meets the same one.
 */
final class MixedExecutor implements CaseExecutor {
  private final MalocaExecutor specialised = new MalocaExecutor(MalocaExecutor.Way.SPECIALISED_OPS);
  private final MalocaExecutor reference = new MalocaExecutor(MalocaExecutor.Way.HANDLERS);

  @Override
  public void execute(CaseBatch batch) {
    specialised.begin(batch);
    reference.begin(batch);
    for (int i = 0; i < batch.size(); i++) {
      var engine = (batch.codeOffset(i) & 1) == 0 ? specialised : reference;
      engine.execute(batch, i, i > 0 && batch.sameCode(i, i - 1));
    }
  }

  @Override
  public void close() {
    specialised.close();
    reference.close();
  }
}
