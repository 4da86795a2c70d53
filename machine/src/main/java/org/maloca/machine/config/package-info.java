/** What a machine is to be, as immutable records that check themselves. */
@org.jspecify.annotations.NullMarked
package org.maloca.machine.config;
