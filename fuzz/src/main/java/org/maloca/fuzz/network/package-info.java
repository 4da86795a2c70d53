/** Targets: the user-mode network and its parsers. */
@org.jspecify.annotations.NullMarked
package org.maloca.fuzz.network;
