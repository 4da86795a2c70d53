package org.maloca.cli.guest;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What was made once for ready-made guests, and is not what they would start from now.
 *
 * @param path its folder, or its file in the folder of a guest that is needed
 * @param why it is not needed, in words
 * @param sizeBytes the room that it takes on the host
 * @param keptFor who needs it nevertheless, in words; null where nobody is known to
 */
public record OldGuest(Path path, String why, long sizeBytes, @Nullable String keptFor) {}
