/**
 * What formats share that divide the disk into blocks and keep a table of where in the file each
 * lies: {@link org.maloca.block.table.MappedDisk} moves the data, {@link
 * org.maloca.block.table.PageCache} holds the tables.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.block.table;
