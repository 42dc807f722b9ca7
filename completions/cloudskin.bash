# SPDX-License-Identifier: Apache-2.0
# bash completion for cloudskin(1)

_cloudskin_names() {
    cloudskin ps 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_cloudskin_options() {
    case $1 in
    run) echo --dir --env --listen --invoke --memory-max --fuel --timeout --name \
        --checkpoint-after --output --with-files --with-module --without-module --stats --help ;;
    restore) echo --module --dir --listen --fuel --timeout --name --checkpoint-after --output \
        --with-files --with-module --without-module --stats --help ;;
    checkpoint) echo --output --leave-running --with-files --with-module --without-module \
        --json --help ;;
    inspect) echo --module --json --help ;;
    ps | validate | version) echo --json --help ;;
    esac
}

# The word before the cursor wants a value: complete it. Fails when it does not.
_cloudskin_value() {
    local cur=$2
    case $1 in
    --dir) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    --env) mapfile -t COMPREPLY < <(compgen -e -- "$cur") ;;
    --output | --module) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    --listen | --invoke | --memory-max | --fuel | --timeout | --name | --checkpoint-after)
        COMPREPLY=() ;;
    *) return 1 ;;
    esac
}

_cloudskin() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]}
    local commands='run ps checkpoint restore inspect validate version help'
    if ((COMP_CWORD == 1)) || [[ $command == help ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    elif _cloudskin_value "$prev" "$cur"; then
        return
    elif [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_cloudskin_options "$command")" -- "$cur")
    elif [[ $command == checkpoint ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_cloudskin_names)" -- "$cur")
    elif [[ $command != ps && $command != version ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}

complete -o filenames -F _cloudskin cloudskin
