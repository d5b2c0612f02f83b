package org.pixelwake.timepix.io.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.file.ByteScanner;

/// Columns of a CSV ntuple of Geant4's analysis manager, by what their names mean.
///
/// The header is `#class tools::wcsv::ntuple`, `#separator` (code of the character, 44 for a comma)
/// and a line `#column type name` a column. Names are compared without case, blanks, underscores
/// and the `f` of `fEdep`; a unit may follow them (`edep_keV`, `X (um)`), else lengths are in mm,
/// energies in MeV and times in ns, Geant4's own units.
final class Geant4Columns {
  /// What a column can mean.
  enum Role {
    EVENT("event eventid eventno eventnumber evt evtid evtno"),
    COLUMN("pixelx pixx xpixel column col ix"),
    ROW("pixely pixy ypixel row iy"),
    X("x posx xpos positionx xposition hitx xhit localx xlocal"),
    Y("y posy ypos positiony yposition hity yhit localy ylocal"),
    Z("z posz zpos positionz zposition hitz zhit localz zlocal"),
    ENERGY(
        "edep energydeposit energydeposited energydeposition depositedenergy deposit eloss"
            + " energyloss de energy"),
    TIME("time globaltime localtime hittime t toa"),
    PDG("pdg pdgid pdgcode pdgencoding particleid particlepdg"),
    TRACK("trackid track"),
    PARENT("parentid parent"),
    KINETIC("ekin kineticenergy primaryenergy initialenergy vertexenergy");

    @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed
    private final List<String> names;

    Role(String names) {
      this.names = List.of(names.split(" ", -1));
    }
  }

  private static final Pattern COLUMN = Pattern.compile("#column\\s+(\\S+)\\s+(\\S.*?)\\s*");
  private static final Pattern UNIT =
      Pattern.compile("(?i)(.+?)[ _\\[(/]+(nm|um|mm|cm|m|ev|kev|mev|gev|ps|ns|us|ms|s)[\\])]?\\s*");
  private static final Pattern MEMBER = Pattern.compile("f[A-Z].*");
  private static final int MAX_COLUMNS = 1024;

  private record Column(int place, double factor) {}

  private final String file;
  private final Map<Role, Column> columns = new LinkedHashMap<>();
  private final List<String> names = new ArrayList<>();
  private String separator = ",";

  private Geant4Columns(String file) {
    this.file = file;
  }

  /// Reads the header, all lines that begin with `#`.
  ///
  /// @throws InputException where a column that is needed is missing, naming those that are there
  static Geant4Columns read(ByteScanner in, String file) {
    Geant4Columns found = new Geant4Columns(file);
    while (in.peek() == '#') {
      String line = in.restOfLine();
      Matcher column = COLUMN.matcher(line);
      if (column.matches() && found.names.size() < MAX_COLUMNS) {
        found.add(column.group(2));
      } else if (line.startsWith("#separator")) {
        found.separator(line.substring("#separator".length()).strip());
      }
    }
    found.check();
    return found;
  }

  private void separator(String code) {
    if (!code.matches("\\d{1,3}") || Integer.parseInt(code) > 127) {
      throw new InputException(
          file, "its #separator '" + code + "' is no character", "Write commas: #separator 44");
    }
    separator = String.valueOf((char) Integer.parseInt(code));
  }

  private void add(String name) {
    Matcher unit = UNIT.matcher(name);
    boolean told = unit.matches();
    String bare = told ? unit.group(1) : name;
    String plain = MEMBER.matcher(bare).matches() ? bare.substring(1) : bare;
    plain = plain.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
    for (Role role : Role.values()) {
      if (role.names.contains(plain) && !columns.containsKey(role)) {
        double factor = told ? factor(unit.group(2).toLowerCase(Locale.ROOT)) : ofGeant4(role);
        columns.put(role, new Column(names.size(), factor));
        break;
      }
    }
    names.add(name);
  }

  /// A unit in um, keV or ns.
  private static double factor(String unit) {
    return switch (unit) {
      case "nm", "ev", "ps" -> 1e-3;
      case "mm", "mev", "us" -> 1e3;
      case "cm" -> 1e4;
      case "m", "gev", "ms" -> 1e6;
      case "s" -> 1e9;
      default -> 1;
    };
  }

  private static double ofGeant4(Role role) {
    return switch (role) {
      case X, Y, Z, ENERGY, KINETIC -> 1e3;
      default -> 1;
    };
  }

  private void check() {
    boolean places = has(Role.X) && has(Role.Y) && has(Role.Z);
    String missing =
        !has(Role.EVENT)
            ? "of the event (event, eventID, evt)"
            : !has(Role.ENERGY)
                ? "of the energy (edep, EnergyDeposit, energy)"
                : pixels() || places
                    ? ""
                    : "of the place: pixelX and pixelY (column, row), or x, y and z (posX,...)";
    if (!missing.isEmpty()) {
      throw new InputException(
          file,
          "has no column " + missing + "; its columns are " + String.join(", ", names),
          "Write an ntuple of hits with event, edep, and pixelX, pixelY or x, y, z");
    }
  }

  /// Whether there is such a column.
  boolean has(Role role) {
    return columns.containsKey(role);
  }

  /// Whether the rows are of pixels, not of deposits at places.
  boolean pixels() {
    return has(Role.COLUMN) && has(Role.ROW);
  }

  /// The fields of a row; null where they are not as many as the columns.
  String @Nullable [] fields(String line) {
    String[] fields = line.split(Pattern.quote(separator), -1);
    return fields.length == names.size() ? fields : null;
  }

  /// Value of a row in um, keV or ns, or as it is; NaN where it is not a number or there is no such
  /// column.
  double value(String[] fields, Role role) {
    Column column = columns.get(role);
    return column == null
        ? Double.NaN
        : column.factor() * ByteScanner.number(fields[column.place()]);
  }
}
