# SPDX-License-Identifier: Apache-2.0
# fish completion for cloudskin(1)

function __cloudskin_names
    cloudskin ps 2>/dev/null | awk 'NR > 1 { print $1 }'
end

set -l all run ps checkpoint restore inspect validate version help
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a run -d 'run a program'
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a ps -d 'list the running cells that have a name'
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a checkpoint -d 'write a running cell to an image'
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a restore -d 'continue a cell from an image'
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a inspect -d 'show what is in a module or an image'
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a validate -d 'check a module'
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a version -d 'show the version'
complete -c cloudskin -n "not __fish_seen_subcommand_from $all" -f -a help -d 'show help'

complete -c cloudskin -n '__fish_seen_subcommand_from help' -f -a "$all"
complete -c cloudskin -n '__fish_seen_subcommand_from ps version' -f
complete -c cloudskin -n '__fish_seen_subcommand_from checkpoint' -f -a '(__cloudskin_names)'

for command in run restore
    set -l seen "__fish_seen_subcommand_from $command"
    complete -c cloudskin -n $seen -l dir -r -d 'a directory for the program'
    complete -c cloudskin -n $seen -l listen -x -d 'a listening socket for the program'
    complete -c cloudskin -n $seen -l fuel -x -d 'end after so many safepoints'
    complete -c cloudskin -n $seen -l timeout -x -d 'end after this time'
    complete -c cloudskin -n $seen -l name -x -d 'a name for ps and checkpoint'
    complete -c cloudskin -n $seen -l checkpoint-after -x -d 'write an image at this safepoint and end'
    complete -c cloudskin -n $seen -l stats -d 'print figures at the end'
end
complete -c cloudskin -n '__fish_seen_subcommand_from run' -l env -x -d 'an environment variable'
complete -c cloudskin -n '__fish_seen_subcommand_from run' -l invoke -x -d 'call this export'
complete -c cloudskin -n '__fish_seen_subcommand_from run' -l memory-max -x -d 'largest memory'
for command in run restore checkpoint
    set -l seen "__fish_seen_subcommand_from $command"
    complete -c cloudskin -n $seen -l output -r -d 'the image'
    complete -c cloudskin -n $seen -l with-files -d 'open files travel in images'
    complete -c cloudskin -n $seen -l with-module -d 'the module travels in images'
    complete -c cloudskin -n $seen -l without-module -d 'the module does not travel in images'
end
complete -c cloudskin -n '__fish_seen_subcommand_from checkpoint' -l leave-running -d 'let the cell run on'
complete -c cloudskin -n '__fish_seen_subcommand_from restore inspect' -l module -r -d 'the module'
complete -c cloudskin -n '__fish_seen_subcommand_from ps checkpoint inspect validate version' -l json -d 'for machines'
complete -c cloudskin -n "__fish_seen_subcommand_from $all" -l help -d 'show help'
