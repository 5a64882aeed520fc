# What the gates need to know of Swift's text: which of it is code.
package SwiftText;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT_OK = qw(code imports line_of contents sources);

# The file's text with comments and the characters of strings turned into spaces. Line breaks stay, so that offsets
# and line numbers are the file's own; what stands in an interpolation stays too, since it is code.
sub code {
    my ($text) = @_;
    my $out = '';
    # Each open string is [its closing mark, its interpolation's opening mark, parentheses open in that].
    my @strings;
    my $in_string = 0;
    while ($text =~ /\G(?=.)/gcs) {
        if ($in_string) {
            my ($close, $interpolation) = @{ $strings[-1] };
            if ($text =~ /\G\Q$interpolation\E/gc) {
                $out .= ' ' x (length($interpolation) - 1) . '(';
                $strings[-1][2] = 1;
                $in_string = 0;
            } elsif ($text =~ /\G\Q$close\E/gc) {
                $out .= '"' . ' ' x (length($close) - 1);
                pop @strings;
                $in_string = 0;
            } elsif ($interpolation eq '\\(' && $text =~ /\G\\[^\n]/gc) {
                $out .= '  ';
            } elsif ($close =~ /^"#*$/ && $text =~ /\G\n/gc) {    # no Swift, but no reason to run away either
                $out .= "\n";
                pop @strings;
                $in_string = 0;
            } else {
                $text =~ /\G(.)/gcs;
                $out .= $1 eq "\n" ? "\n" : ' ';
            }
        } elsif ($text =~ m{\G(//[^\n]*)}gc) {
            $out .= ' ' x length $1;
        } elsif ($text =~ m{\G/\*}gc) {
            my ($start, $depth) = (pos($text) - 2, 1);
            while ($depth && $text =~ m{\G.*?(/\*|\*/)}gcs) { $depth += $1 eq '/*' ? 1 : -1 }
            pos($text) = length $text if $depth;
            $out .= blanked(substr $text, $start, pos($text) - $start);
        } elsif ($text =~ /\G(#*)("""|")/gc) {
            push @strings, [ $2 . $1, "\\$1(", 0 ];
            $out .= '"' . ' ' x (length("$1$2") - 1);
            $in_string = 1;
        } else {
            $text =~ /\G(.)/gcs;
            $out .= $1;
            next unless @strings;
            $strings[-1][2]++ if $1 eq '(';
            $in_string = 1 if $1 eq ')' && !--$strings[-1][2];
        }
    }
    return $out;
}

sub blanked { return $_[0] =~ s/[^\n]/ /gr }

# The modules that code imports, each as [its name, the offset of the word `import`].
sub imports {
    my ($code) = @_;
    my @imports;
    while ($code =~ /(?<![\w.`])import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?(\w+)/g) {
        push @imports, [ $1, $-[0] ];
    }
    return @imports;
}

sub line_of { my ($text, $offset) = @_; return 1 + (substr($text, 0, $offset) =~ tr/\n//) }

sub contents {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

# The Swift files below a directory, sorted.
sub sources {
    my ($directory) = @_;
    my @found;
    opendir my $handle, $directory or die "$directory: $!\n";
    for my $name (sort grep { !/^\./ } readdir $handle) {
        my $path = "$directory/$name";
        push @found, -d $path ? sources($path) : $name =~ /\.swift$/ ? $path : ();
    }
    return @found;
}

1;
