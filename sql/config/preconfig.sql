    UNION ALL
    SELECT 3, wanted, current_setting(wanted, true)
    FROM unnest($1::text[]) AS wanted
    JOIN PRE_CONFIG() _ ON true
