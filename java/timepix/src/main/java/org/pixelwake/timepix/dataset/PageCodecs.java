package org.pixelwake.timepix.dataset;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/// Compression of pages by what the JDK has: gzip, or none.
///
/// gzip keeps native libraries (zstd, snappy) and their access to restricted methods out of the
/// product, and every other Parquet reader knows it.
final class PageCodecs implements CompressionCodecFactory {
  /// Deflate level. On real Timepix3 clusters levels 1, 6 and 9 all give 7.7 bytes a hit; 1 is the
  /// fastest.
  private static final int LEVEL = 1;

  private static final int BUFFER_BYTES = 1 << 16;

  /// Whether pages of this codec can be read.
  static boolean supports(CompressionCodecName codec) {
    return codec == CompressionCodecName.GZIP || codec == CompressionCodecName.UNCOMPRESSED;
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    return new Codec(check(codec));
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return new Codec(check(codec));
  }

  @Override
  public void release() {
    // Nothing is held: streams end with their page.
  }

  private static CompressionCodecName check(CompressionCodecName codec) {
    if (!supports(codec)) {
      throw new IllegalArgumentException("compression " + codec + " is not supported");
    }
    return codec;
  }

  private record Codec(CompressionCodecName name)
      implements BytesInputCompressor, BytesInputDecompressor {

    @Override
    public CompressionCodecName getCodecName() {
      return name;
    }

    @Override
    public BytesInput compress(BytesInput bytes) throws IOException {
      if (name == CompressionCodecName.UNCOMPRESSED) {
        return bytes;
      }
      ByteArrayOutputStream packed = new ByteArrayOutputStream(BUFFER_BYTES);
      try (OutputStream out = new LevelledGzip(packed)) {
        bytes.writeAllTo(out);
      }
      return BytesInput.from(packed);
    }

    @Override
    public BytesInput decompress(BytesInput bytes, int decompressedSize) throws IOException {
      return name == CompressionCodecName.UNCOMPRESSED
          ? bytes
          : BytesInput.from(unpack(bytes.toInputStream(), decompressedSize));
    }

    @Override
    public void decompress(
        ByteBuffer input, int compressedSize, ByteBuffer output, int decompressedSize)
        throws IOException {
      ByteBuffer part = input.slice(input.position(), compressedSize);
      output.put(
          name == CompressionCodecName.UNCOMPRESSED
              ? part
              : ByteBuffer.wrap(unpack(ByteBufferInputStream.wrap(part), decompressedSize)));
      input.position(input.position() + compressedSize);
    }

    @Override
    public void release() {
      // Nothing is held.
    }

    private static byte[] unpack(InputStream packed, int size) throws IOException {
      try (InputStream in = new GZIPInputStream(packed, BUFFER_BYTES)) {
        // Grows with what is there, so that a size made up in a damaged header allocates nothing.
        byte[] bytes = in.readNBytes(size);
        if (bytes.length != size || in.read() >= 0) {
          throw new EOFException("a page does not unpack to its " + size + " bytes");
        }
        return bytes;
      }
    }
  }

  private static final class LevelledGzip extends GZIPOutputStream {
    LevelledGzip(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(LEVEL);
    }
  }
}
