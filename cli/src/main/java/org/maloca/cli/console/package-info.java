/** The guest's serial console at the host: a terminal, or plain streams. */
@org.jspecify.annotations.NullMarked
package org.maloca.cli.console;
