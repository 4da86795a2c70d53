/** Disk images of all formats. */
module org.maloca.block {
  requires transitive org.maloca.core;
  requires aircompressor.v3;
  requires static org.jspecify;

  exports org.maloca.block.copy;
  exports org.maloca.block.disk;
  exports org.maloca.block.file;
  exports org.maloca.block.image;
  exports org.maloca.block.limit;
  exports org.maloca.block.qcow2;
  exports org.maloca.block.raw;
  exports org.maloca.block.table;
  exports org.maloca.block.vdi;
  exports org.maloca.block.vhd;
  exports org.maloca.block.vhdx;
  exports org.maloca.block.vmdk;
}
