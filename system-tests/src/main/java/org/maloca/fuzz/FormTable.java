package org.maloca.fuzz;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All instruction forms, by the kind of batch they need. */
final class FormTable {
  private static final Map<CaseKind, List<Form>> BY_KIND = load();

  private FormTable() {}

  static List<Form> of(CaseKind kind) {
    return BY_KIND.getOrDefault(kind, List.of());
  }

  private static Map<CaseKind, List<Form>> load() {
    var unique = new LinkedHashMap<String, Form>();
    for (var table : List.of(IntegerForms.all(), VectorForms.all(), X87Forms.all())) {
      // A later line of a table is the more special one.
      table.forEach(form -> unique.put(form.label() + ':' + form.prefix() + form.modrm(), form));
    }
    for (var kind : CaseKind.values()) {
      unique.put(SequenceForms.of(kind).label(), SequenceForms.of(kind));
    }
    var byKind = new EnumMap<CaseKind, List<Form>>(CaseKind.class);
    for (var kind : CaseKind.values()) {
      var forms = new ArrayList<>(unique.values());
      forms.removeIf(form -> form.kind() != kind);
      byKind.put(kind, List.copyOf(forms));
    }
    return byKind;
  }
}
