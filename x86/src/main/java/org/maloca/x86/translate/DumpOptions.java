package org.maloca.x86.translate;

import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Which regions are written down when they are translated, and where.
 *
 * @param folder gets a folder for each; made when there is something to write
 * @param rip linear address of an instruction that must be in a region for it to be written; all
 *     are when it is empty
 */
public record DumpOptions(Path folder, OptionalLong rip) {}
