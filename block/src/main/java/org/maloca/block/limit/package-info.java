/** What is put around a disk: limits on its rate, its figures, and when writes are durable. */
@org.jspecify.annotations.NullMarked
package org.maloca.block.limit;
