package dev.peerline.server;

import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Help of a command with many options: one line that says how, then the options in groups. */
final class Help {
    private static final int NAMES_WIDTH = 38;
    private static final int WIDTH = 100;

    private Help() {}

    /**
     * Groups the options of a command.
     *
     * @param groups a heading for each field that holds a group
     */
    static void group(CommandSpec command, Map<String, String> groups) {
        command.usageMessage().width(WIDTH);
        command.usageMessage().customSynopsis(command.qualifiedName() + " [OPTIONS]");
        Map<String, IHelpSectionRenderer> sections =
                new LinkedHashMap<>(command.usageMessage().sectionMap());
        sections.put(
                UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                help -> {
                    StringBuilder text = new StringBuilder();
                    groups.forEach(
                            (field, heading) -> {
                                text.append(System.lineSeparator()).append(heading).append(':');
                                text.append(System.lineSeparator());
                                CommandSpec group = command.mixins().get(field);
                                if (group == null) throw new AssertionError(field);
                                text.append(table(group.options()));
                            });
                    return text.toString();
                });
        command.usageMessage().sectionMap(sections);
    }

    private static String table(List<OptionSpec> options) {
        TextTable table =
                TextTable.forColumns(
                        picocli.CommandLine.Help.defaultColorScheme(
                                picocli.CommandLine.Help.Ansi.OFF),
                        new Column(NAMES_WIDTH, 2, Column.Overflow.SPAN),
                        new Column(WIDTH - NAMES_WIDTH, 1, Column.Overflow.WRAP));
        for (OptionSpec option : options) {
            String names = String.join(", ", option.names()) + parameter(option);
            String description = String.join(" ", option.description());
            table.addRowValues(names, description.replace("${DEFAULT-VALUE}", initial(option)));
        }
        return table.toString();
    }

    private static String parameter(OptionSpec option) {
        if (option.arity().max() == 0) return "";
        return option.arity().min() == 0
                ? "[=" + option.paramLabel() + "]"
                : "=" + option.paramLabel();
    }

    private static String initial(OptionSpec option) {
        return String.valueOf(option.initialValue());
    }
}
