/** What is left of a command that was interrupted: nothing. */
@org.jspecify.annotations.NullMarked
package org.maloca.cli.interruption;
