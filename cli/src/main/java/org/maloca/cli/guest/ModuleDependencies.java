package org.maloca.cli.guest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which modules of the Linux kernel need which others, and the lines of modules.dep(5). */
final class ModuleDependencies {
  private final Map<String, KernelModule> modules;

  /**
   * @param modules by name
   */
  ModuleDependencies(Map<String, KernelModule> modules) {
    this.modules = modules;
  }

  /** A module and all that it needs, the needed ones last; nothing where there is no such one. */
  Collection<KernelModule> of(String name) {
    Set<KernelModule> found = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(List.of(name));
    while (!open.isEmpty()) {
      KernelModule module = modules.get(open.removeFirst());
      if (module != null) {
        // Those met again move to the end, behind all that need them.
        found.remove(module);
        found.add(module);
        open.addAll(module.depends());
      }
    }
    return found;
  }

  /** A module's path, a colon, and the paths of what it needs. */
  String line(KernelModule module) {
    StringBuilder text = new StringBuilder(module.path()).append(':');
    for (KernelModule needed : of(module.name())) {
      if (needed != module) {
        text.append(' ').append(needed.path());
      }
    }
    return text.toString();
  }
}
