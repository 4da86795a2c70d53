/** The {@code maloca} command. */
@org.jspecify.annotations.NullMarked
package org.maloca.cli;
