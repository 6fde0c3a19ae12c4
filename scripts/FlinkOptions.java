import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.FallbackKey;

/** Prints what options of Flink the given jars declare, one to a line: its key, and behind it its older names, and key.* where it is a map. */
public class FlinkOptions {
    private static final Field CLASS = typeField();

    public static void main(String[] jars) throws Exception {
        SortedMap<String, String> found = new TreeMap<>();
        for (String jar : jars) {
            try (JarFile file = new JarFile(jar)) {
                for (JarEntry entry : Collections.list(file.entries())) {
                    String name = entry.getName();
                    if (name.startsWith("org/apache/flink/") && name.contains("Option") && name.endsWith(".class")) {
                        collect(name.substring(0, name.length() - ".class".length()).replace('/', '.'), found);
                    }
                }
            }
        }
        found.forEach((key, older) -> System.out.println(key + older));
    }

    private static Field typeField() {
        try {
            Field field = ConfigOption.class.getDeclaredField("clazz");
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException(changed);
        }
    }

    private static void collect(String name, SortedMap<String, String> found) {
        try {
            for (Field field : Class.forName(name).getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) || field.getType() != ConfigOption.class) continue;
                field.setAccessible(true);
                ConfigOption<?> option = (ConfigOption<?>) field.get(null);
                StringBuilder older = new StringBuilder();
                if (CLASS.get(option) == Map.class) older.append(' ').append(option.key()).append(".*");
                for (FallbackKey fallback : option.fallbackKeys()) older.append(' ').append(fallback.getKey());
                found.merge(option.key(), older.toString(), (a, b) -> a.equals(b) ? a : a + b);
            }
        } catch (Throwable missing) {
            // A class of another library is not there: such a class declares none that a cluster's configuration has.
            System.err.println(name + ": " + missing);
        }
    }
}
