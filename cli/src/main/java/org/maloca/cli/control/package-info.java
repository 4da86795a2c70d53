/** How other processes of the user ask a running machine for something. */
@org.jspecify.annotations.NullMarked
package org.maloca.cli.control;
