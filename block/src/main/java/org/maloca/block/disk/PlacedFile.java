package org.maloca.block.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.maloca.block.file.ImageFile;
import org.maloca.core.memory.IoVector;

/** A file that goes by the name of the place where it will be: formats write names down. */
record PlacedFile(ImageFile file, Path place) implements ImageFile {
  @Override
  public String name() {
    return place.toString();
  }

  @Override
  public boolean isReadOnly() {
    return file.isReadOnly();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public void setSize(long bytes) throws IOException {
    file.setSize(bytes);
  }

  @Override
  public void read(long position, ByteBuffer target) throws IOException {
    file.read(position, target);
  }

  @Override
  public void write(long position, ByteBuffer source) throws IOException {
    file.write(position, source);
  }

  @Override
  public void read(long position, IoVector target) throws IOException {
    file.read(position, target);
  }

  @Override
  public void write(long position, IoVector source) throws IOException {
    file.write(position, source);
  }

  @Override
  public boolean readAtOnce(long position, IoVector target) {
    return file.readAtOnce(position, target);
  }

  @Override
  public boolean writeAtOnce(long position, IoVector source) {
    return file.writeAtOnce(position, source);
  }

  @Override
  public void punchHole(long position, long length) throws IOException {
    file.punchHole(position, length);
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    file.allocate(position, length);
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public long nextData(long position) throws IOException {
    return file.nextData(position);
  }

  @Override
  public long nextHole(long position) throws IOException {
    return file.nextHole(position);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
